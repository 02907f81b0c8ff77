"""The English lexicon: the words of asking. What can be asked for is in nouns.py."""

from __future__ import annotations

from chatelier.domain.intent import nouns, things
from chatelier.domain.intent.english_phrases import PHRASES
from chatelier.domain.intent.lexicon import lexicon

WORDS = {
    "D": "draw paint illustrate depict visualize visualise portray redraw repaint",
    "B": "sketch doodle render",
    "M": "make create generate produce craft generates",
    "Z": "design",
    "5": """
        making creating generating producing designing sketching illustrating doodling rendering visualizing depicting
    """,
    "d": "do",
    "G": "give show send bring fetch gimme",
    "g": "get grab",
    "h": "have has having had",
    "s": "see view",
    "^": "let allow",
    "~": "believe feel imagine-that think suppose reckon guess wonder wondering hope hoping",
    "+": "able possible mind kind",
    "W": """
        write explain describe tell list summarize summarise translate calculate compute compose compare suggest
        recommend define solve prove outline draft code implement debug refactor program develop build plan schedule
        book order buy remind call email message play sing search find google advise teach help analyze analyse
        discuss review proofread rephrase rewrite paraphrase elaborate continue answer ask say talk speak read count
        name spell pronounce quote cite rank sort classify categorize predict estimate evaluate critique brainstorm
        pretend act imagine learn know understand check verify test run execute install download upload save print
        publish submit pay transfer cancel track locate quiz interview simulate roleplay provide structure caption
        transcribe repeat share paste organize prepare identify determine consider rate judge assess report lock
        unlock ring dial redial quit abort halt disconnect unsync communicate telling explaining describing writing
    """,
    "E": """
        add remove replace swap change turn put place move rotate flip crop zoom extend expand brighten darken lighten
        blur sharpen color colour recolor recolour colorize colourise tint dye fix erase delete take lose drop keep
        use include insert set dress undo revert restore enlarge shrink widen stretch narrow increase reduce decrease
        tone soften adjust simplify blend immerse transform convert switch exchange substitute enhance improve upscale
        refine polish tweak modify alter edit update apply center centre tilt mirror invert fill surround cover hide
        clear eliminate exclude strip wipe throw stick position shift relocate raise lower saturate desaturate restyle
        illuminate light dim introduce incorporate overlay straighten focus unblur denoise dehaze deblur crank boost
        intensify emphasize highlight append attach decorate wrap bury scatter sprinkle hang float split duplicate
        multiply double halve combine merge separate isolate trim cut resize reframe recompose reposition reverse
        liven spice jazz cartoonify pixelate stylize stylise animate age modernize populate fade smooth roughen
        flatten deepen thicken reimagine envelop bathe infuse transport shorten lengthen scale uncrop outpaint inpaint
        retouch touch photoshop adorn equip drape clothe plant grow shine melt freeze burn slap bump push pull swing
        rework leave harmonize amplify accentuate rid scrub purge ensure evoke express capture choose select pick opt
        arrange embed place omit correct glide nestle disentangle enrich confirm rearrange eradicate perch extract
        affix coat integrate align optimize eradicate alter cleanse purify redesign refashion annihilate abolish
        dispel adapt achieve expunge exclude dissipate opt
    """,
    "V": "redo retry regenerate reroll rerun remake remix regen recreate reshuffle",
    "l": "more less fewer extra additional",
    "u": "too overly",
    "R": "again anew",
    "A": "another different other",
    "S": "same identical",
    "3": "first second third fourth fifth last previous latest original earlier 1st 2nd 3rd 4th 5th former latter",
    "a": "a an some any",
    "t": "the that this these those all every each both",
    "p": "my our your his her their its whose someone's",
    "o": """
        it them him he she they itself himself herself themselves it's everything everyone he's she's they're that's
        they'd it'd it'll he'd she'd
    """,
    "1": "one ones",
    "r": "two three four five six seven eight nine ten dozen couple several few twelve",
    "I": "i we i'd i'm im we'd we're i've i'll we'll we've id ill ive",
    "Y": "you u ya y'all you'd you're yourself",
    "m": "me us",
    "C": "can could would will cld wld may might cn cud can't couldn't wouldn't won't",
    "0": "look looks looked looking appear appears",
    "H": "should must needs ought shouldn't supposed shall",
    "L": "want need wanna prefer wish wants require requires needed",
    "U": "like love likes loves liked loved enjoy hate dislike adore",
    "X": "not don't dont never doesn't didn't isn't aren't wasn't stop avoid",
    "b": "is are was were be been being am does did become becomes became looks seem seems feels sounds ain't",
    "Q": """
        what which who whom when where why how what's whats who's whos how's hows where's wheres when's why's what're
        how'd what'd where'd wht wat
    """,
    "q": "while because since so if whether",
    "f": "of showing depicting featuring containing portraying shows",
    "4": "for",
    "w": "with w/ w wearing holding",
    "e": "without w/o no minus sans",
    "i": """
        in on at from by into onto over under underneath above below behind beside between near inside outside during
        before after through across around along against beneath beyond towards toward among out off up down about
        within amid via using atop
    """,
    "k": "as",
    "j": "instead rather",
    "&": "and or plus nor",
    "c": "but though however except yet although",
    "2": "to",
    "P": """
        please plz pls plss pleas plese pleaase kindly just maybe perhaps possibly also now then okay ok so well hey
        hi hello actually really simply quickly alright yes yeah yep yup sure hmm hm hmmm um uh umm oh ah btw next
        perfect only anyway finally lastly additionally furthermore afterwards quite very still even pretty kinda
        sorta slightly somewhat considerably tad definitely certainly basically honestly greetings chatelier asap
        meanwhile dear absolutely k mate dude bro man! buddy bot friend sir madam tho too-please eh heya howdy yo!
        alrighty further bruh bro fr ngl tbh lowkey highkey fam dawg bestie pal yo yesss yess yea ya'll erm err eh
        ok-so literally honestly wait whoops soo sooo anyways instead-of chill stp
    """,
    "!": """
        thanks thank thx ty tysm cheers lol lmao haha hahaha hehe wow nice cool great awesome amazing beautiful lovely
        neat brilliant wonderful fantastic excellent gorgeous good super sweet bravo congrats congratulations bye
        goodbye sorry welcome nope nah omg yay ooh aww stunning superb magnificent bad terrible awful ugly horrible
        interesting impressive incredible better best fine wtf damn gosh rofl yikes oops ugh sick dope rad adorable
        delightful
    """,
    "v": nouns.VISIBLE,
    "O": nouns.OBJECTS,
    "N": nouns.PICTURES,
    "n": "picture pictures image images pic pics img imgs imagery visual visuals graphic graphics pix",
    "F": nouns.PARTS,
    "K": nouns.COLOURS,
    "y": nouns.STYLES,
    "J": nouns.TRAITS,
    "T": nouns.TEXTS,
    "z": nouns.CODE,
}
ENGLISH = lexicon(WORDS, PHRASES, more={"v": things.THINGS, "J": things.LOOKS}, plurals=True)
