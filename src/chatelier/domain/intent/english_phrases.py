"""English phrases of several words by what they mean for a wish."""

from __future__ import annotations

from chatelier.domain.intent import nouns

# Phrases are parted by bars.
WRITTEN = {
    "*": "how about | what about | how bout | what if | try",
    "@": """
        can yo | could yo | let's | help me | help us | lets | let us | why don't you | why dont you | why not | go
        ahead and | feel free to | try to
    """,
    "L": """
        i'd like | i'd love | i'd prefer | id like | id love | we'd like | we'd love | i'd appreciate | i'd rather |
        would like | would love | would prefer | would appreciate | could use | looking for | in need of | searching
        for | keeps asking for | keep asking for | asking for | in the market for | dying for | dying to see | we're
        missing | i'm missing | am after | i'm after | we're after | im after | was hoping for | am hoping for |
        were hoping for | hoping for | be most grateful for | be grateful for | be so grateful for | be very
        grateful for | be ever so grateful for | be glad of | be thankful for | be delighted with | trouble you for
        | bother you for | request | ask for | beg for | should like | i should like | should love | i should love |
        always wanted | i've always wanted | could do with
    """,
    "^": "any chance | a chance",
    "X": "no need | do not | there is no need | no more",
    "W": """
        how to | teach me | find out | look up | look for | set up | sign up | log in | turn off | turn on | set a
        timer | flip a coin | toss a coin | roll a die | roll the die | set an alarm | make up | make sense | make
        fun | make use | make friends | make love | make peace | make progress | make way | make room | make money |
        make do | draw upon | draw on my | draw from | draw near | draw me into | draw up a | draw up an | sketch
        out | picture this | picture yourself | take care | take note | take notes | keep in mind | keep track |
        keep me | place an order | put in words | change the subject | change the topic | change topic | change
        subject | move on | take a look | take the time | take a careful look | have a look | take your time | think
        of | think about | show off | give up | give me a hand | give me a break | get started | come up with ideas
        | act as | work out | figure out | fill out | carry out | point out | cut down on | drop me a line | drop me
        an email | drop me a message | drop me off | drop off | pick up | let me know | turn up the volume | turn
        down the volume
    """,
    "M": """
        whip up | draw up | come up with | put together | cook up | knock up | conjure up | dream up | mock up
    """,
    "E": """
        get rid of | make sure | take away | take out | take off | zoom in | zoom out | bring back | go back | bring
        it back | swap out | tone down | clean up | start over | put back | add in | throw in | turn up | turn down
        | crank up | back to | return to | switch to | leave out | do away with | mix in | go with | go for | work
        on | scale up | scale down | let there be | let it be | have it be | make there be | get some | slap on |
        chuck in | add on | do without | cut out | take it back to | dial down | dial up | bump up | tone up | fill
        in with | could there be | can there be | could we have | can we have
    """,
    "V": """
        try again | try once more | do over | do it over | do it again | one more time | once more | once again |
        start again | another go | take two | same again | try it again | try that again | try this again | do that
        again | more like this | more like that | more like it | more of these | more of those | more of this | more
        of the same | something similar | run it back | try something else | try smth else | give it another go |
        give it another shot | give it another try | one more try | another try | have another go | next version |
        show me more | do more of these | is there a version | is there another version | do you have a version
    """,
    "$": """
        in bullet points | bullet points | in prose | in one paragraph | in a paragraph | in text | in words | with
        words | using words | word picture | word pictures | verbal picture
    """,
    "G": """
        drop me | hit me with | hook me up with | help me out with | help us out with | help me with a | help us
        with a | send over | send me over | serve me
    """,
    "H": """
        has to | have to be | needs to | need to be | got to be | gotta be | has got to | is meant to be | was meant
        to be | is supposed to be | was supposed to be | are supposed to be | are meant to be | were meant to be
    """,
    "i": """
        in front of | on top of | next to | out of | made of | close to | at the top of | in the middle of | on the
        left of | on the right of | to the left of | to the right of | on the side of | at the bottom of | on the
        bottom of | in the style of
    """,
    "j": "instead of | rather than | in place of",
    "e": "with no | free of",
    "f": """
        that shows | which shows | that depicts | that features | based on | inspired by | made from
    """,
    "P": """
        at all | a bit | a little | a little bit | a lot | a tad | at least | by the way | for now | of course | if
        possible | if you like | if you want | if you don't mind | when you can | for me | 4 me | for us | thank you
        | you know | this time | right now | as well | in addition | for a change | thanks in advance | on second
        thought | good morning | good evening | good afternoon | hi there | hey there | hello there | one more thing
        | another topic | new topic | next up | moving on | real quick | all right | no cap | for real | some kind
        of | some sort of | kind of | sort of | like totally | be a dear and | if u can | if u could | when you get
        a chance | when you have time | so basically | long story short | would you kindly | be so kind as to | be
        kind enough to | be so good as to | be good enough to | have the goodness to | with best wishes | best
        wishes | kind regards | yours sincerely | in advance | if you would | if you please | if it isn't too much
        trouble | if it's not too much trouble | at your convenience | if you have time | dear sir or madam | good
        day | i hope this finds you well | would you mind if
    """,
    "!": """
        thanks again | thank you again | thank you so much | thank you very much | thanks a lot | many thanks | well
        done | good job | great job | nice one | good one | nice work | great work | i love it | i like it | looks
        good | looks great | much better | love it | like it | not bad | i love this | i like this | no way | no
        idea | no clue | sure thing | never mind | no problem | looks amazing | looks nice
    """,
}

PHRASES = {
    **{mark: [" ".join(phrase.split()) for phrase in text.split("|")] for mark, text in WRITTEN.items()},
    "y": nouns.STYLE_PHRASES,
    "N": nouns.PICTURE_PHRASES,
    "O": nouns.OBJECT_PHRASES,
    "T": nouns.TEXT_PHRASES,
    "F": nouns.PART_PHRASES,
}
