"""The German lexicon. Words are folded: no umlauts, ss for ß, lower case."""

from __future__ import annotations

from itertools import product

from chatelier.domain.intent import things_abroad
from chatelier.domain.intent.lexicon import lexicon

TOO = tuple("dunkel hell gross klein bunt grell leer voll duster kalt warm lang kurz dick dunn unscharf".split())

GERMAN = lexicon(
    {
        "D": "zeichne zeichnen zeichnest zeichnet male malen malst mal illustriere illustrieren skizziere skizzieren",
        "M": """
            erstelle erstellen erstell mach mache machen machst erzeuge erzeugen generiere generieren generier entwirf
            entwerfen kreiere kreieren gestalte gestalten produziere
        """,
        "G": "zeig zeige zeigen gib schick geben",
        "L": "mochte will brauche brauchte wunsche brauchen wollen wunscht",
        "s": "sehen",
        "h": "haben",
        "W": """
            schreib schreibe schreiben erklar erklare erklaren beschreib beschreibe sag sage erzahl erzahle ubersetze
            ubersetz fasse berechne empfiehl suche hilf erinnere nenne liste vergleiche korrigiere definiere lade lies
        """,
        "E": """
            fuge fug entferne entfern entfernen losche losch ersetze ersetz ersetzen tausche tausch andere ander
            andern verwandle setze setz stell stelle dreh drehe vergrossere verkleinere lass nimm farbe farb umwandeln
            hinzufugen verschiebe schneide beschneide verwende nutze
        """,
        "V": "nochmal nochmals wiederhole erneut",
        "A": "anderes anderen anderer",
        "S": "selbe gleiche dasselbe selben gleichen",
        "l": "mehr weniger",
        "3": "erste ersten erstes zweite zweiten zweites dritte dritten letzte letzten letztes",
        "a": "ein eine einen einem einer eines 'n ne nen",
        "t": "der die das den dem des diese dieser dieses diesen jene",
        "p": "mein meine meinen meinem dein deine deinen ihr ihre sein seine seinen unser unsere",
        "o": "es ihn sie ihm er alles",
        "r": "zwei drei vier funf",
        "m": "mir uns mich",
        "I": "ich wir",
        "Y": "du ihr",
        "C": "kannst konntest konnen konnten wurdest wurden kann konnte darf",
        "X": "nicht kein keine keinen nie",
        "b": "ist sind war waren wird hat hast bist lebt leben",
        "Q": "wer was wie wo wann warum welche welcher welches wieso weshalb woher wessen wieviel",
        "f": "von vom",
        "w": "mit",
        "e": "ohne",
        "i": """
            in im auf am an unter uber vor hinter neben bei zu zum zur aus bei beim nach durch um gegen zwischen
            wahrend
        """,
        "k": "als",
        "4": "fur",
        "&": "und oder",
        "c": "aber doch",
        "j": "statt anstatt anstelle",
        "2": "dass damit",
        "P": "bitte jetzt nun gerne gern hallo hey also okay ok ja sehr noch auch dann nur danach mal etwas bisschen",
        "!": "danke super toll schon prima wunderbar klasse perfekt genial hubsch tschuss dankeschon cool gut gefallt",
        "n": "bild bilder bildchen abbildung grafik",
        "N": """
            foto fotos zeichnung zeichnungen gemalde illustration illustrationen portrat skizze aquarell fotografie
            karikatur
        """,
        "O": """
            logo plakat poster icon aufkleber sticker tattoo postkarte hintergrundbild flyer banner maskottchen avatar
            einladungskarte
        """,
        "T": """
            liste gedicht geschichte brief mail e-mail rezept bericht code text aufsatz zusammenfassung plan lied witz
            programm funktion tabelle prasentation idee ideen name namen frage fragen beispiel referat lebenslauf
            docker-image
        """,
        "F": "hintergrund farbe farben version stil format licht schatten winkel perspektive ansicht details",
        "K": """
            rot rote roten blau blaue grun grune gelb gelbe schwarz schwarze weiss weisse rosa lila orange grau braun
            golden
        """,
        "J": """
            dunkler heller grosser kleiner bunter dunkel hell gross klein bunt realistisch realistischer frohlicher
            trauriger alter junger
        """,
        "v": """
            hund katze haus baum pferd vogel berg strand stadt schiff auto madchen junge mann frau drache wald meer
            mond sonne
        """,
    },
    {
        "@": (
            *(f"{can} {you}" for can, you in product(("kannst", "konntest", "wurdest", "magst"), ("du",))),
            *("konnen sie", "konnten sie", "wurden sie", "ich mochte dass du", "ich will dass du", "kannste"),
        ),
        "L": (
            *(
                f"ich {wish}"
                for wish in ("mochte", "will", "brauche", "hatte gern", "hatte gerne", "wunsche mir", "wurde gern")
            ),
            *(
                "wir brauchen",
                "wir mochten",
                "ich wurde gerne",
                "hatte gern",
                "hatte gerne",
                "ich brauchte",
                "wir brauchten",
                "ich suche",
            ),
        ),
        "V": ("noch einmal", "noch eins", "noch eine", "noch einen", "noch ein", "versuch es", "probier es"),
        "W": ("wie zeichnet man", "wie malt man", "stell dir vor"),
        "u": tuple(f"{zu} {how}" for zu, how in product(("zu", "mir zu", "viel zu", "etwas zu"), TOO)),
        "M": ("mach mal", "mach mir", "mach mir mal", "mach uns"),
        "D": ("mal mir", "zeichne mir", "mal mal"),
        "j": ("an stelle von",),
    },
    more={"v": things_abroad.GERMAN},
    verb_last=True,
)
