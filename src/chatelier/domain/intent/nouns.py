"""English nouns and adjectives by what they say about a wish: a picture, a thing made of words, something to see."""

from __future__ import annotations

PICTURES = """
sketch doodle render drawing drawings painting paintings illustration illustrations photo photos photograph
photographs portrait portraits artwork artworks art sketches cartoon cartoons watercolor watercolors watercolour
watercolours caricature collage mural fresco engraving etching linocut woodcut lithograph seascape cityscape selfie
depiction depictions rendering renderings renders visualization visualisation visualizations doodles clipart
self-portrait headshot mosaic silhouette diorama aquarelle tapestry animation gif
"""
PICTURE_PHRASES = (
    "pixel art",
    "concept art",
    "line art",
    "line drawing",
    "clip art",
    "vector art",
    "digital art",
    "fan art",
    "oil painting",
    "pencil drawing",
    "still life",
    "self portrait",
    "stock photo",
    "work of art",
    "piece of art",
    "art piece",
    "comic strip",
    "character design",
    "character sheet",
    "3d render",
    "3d model",
    "visual representation",
    "artistic representation",
    "pop art",
)
OBJECTS = """
logo logos poster posters banner banners flyer flyers flier icon icons avatar avatars sticker stickers tattoo tattoos
mascot mascots postcard postcards wallpaper wallpapers thumbnail thumbnails emblem crest badge badges meme memes comic
comics emoji emojis sprite sprites mockup mock-up mockups infographic storyboard moodboard billboard backdrop
screensaver lockscreen letterhead coat-of-arms graffiti bookmark blueprint favicon pfp bookplate insignia t-shirt
t-shirts tshirt tshirts hoodie cover covers invitation invitations pattern patterns
"""
OBJECT_PHRASES = (
    "book cover",
    "album cover",
    "cover art",
    "album art",
    "cover image",
    "cover photo",
    "cover picture",
    "profile picture",
    "profile pic",
    "header image",
    "hero image",
    "coloring page",
    "colouring page",
    "coloring book",
    "greeting card",
    "birthday card",
    "christmas card",
    "holiday card",
    "business card",
    "playing card",
    "tarot card",
    "trading card",
    "card design",
    "logo design",
    "poster design",
    "tattoo design",
    "t-shirt design",
    "shirt design",
    "sticker design",
    "cover design",
    "floor plan",
    "mood board",
    "splash screen",
    "movie poster",
    "book jacket",
    "record cover",
    "magazine cover",
    "cd cover",
    "coat of arms",
    "seamless pattern",
    "treasure map",
    "web banner",
    "youtube thumbnail",
    "desktop background",
    "phone background",
)
TEXTS = """
toast language sound sounds procedure procedures routine routines guide guides route routes service services sequence
bet reading readings breed moral lyric living siding checklist persona stats stat block howl subscription warranty
vacation holiday trip tour mortgage shop shops class classes lesson workshop tutorial plot themes theme-park movie
movies film films episode sitter trailer insurance delivery schedule plan quiz
poem poems story stories tale list lists report reports email emails mail letter essay essays article articles blog
post posts paragraph paragraphs sentence sentences summary summaries review reviews speech speeches script scripts
song songs lyrics haiku limerick sonnet joke jokes riddle riddles pun puns quote quotes quiz quizzes question
questions answer answers name names title titles slogan slogans tagline taglines headline caption captions description
descriptions bio biography resume cv cover-letter plan plans schedule schedules timetable timeline itinerary agenda
calendar checklist to-do todo budget spreadsheet table tables recipe recipes menu playlist code function functions
class method program query queries regex expression pattern-matching algorithm algorithms formula equation equations
app application apps website websites webpage page pages site api endpoint database schema server bot game games quest
campaign strategy strategies system systems process workflow framework curriculum course courses lesson lessons
workout routine diet experiment survey form template templates contract agreement will policy proposal presentation
slides slide deck document documents doc file files folder spreadsheet pdf csv json dataset data sample samples
password passwords username key keys token tokens id uuid hash number numbers account accounts profile reservation
reservations appointment appointments meeting reminder reminders alarm alarms timer event events call payment transfer
deposit order purchase refund invoice receipt bill loan claim statement balance transaction transactions idea ideas
suggestion suggestions tip tips advice recommendation recommendations example examples explanation explanations
definition definitions meaning synonyms synonym antonyms word words phrase phrases vocabulary fact facts trivia
information info history news forecast weather directions instructions steps guide tutorial overview analysis
comparison comparisons conclusion conclusions distinction inference argument arguments debate dialogue dialog
conversation chat reply response prompt prompts hypothesis theory proof theorem thesis dissertation abstract
bibliography citation citations reference references flights flight hotel hotels restaurant restaurants ticket tickets
jobs job laptops prices price deal deals decision difference choice mistake mistakes sense money progress friends
effort peace noise mess fun laugh cry translation translations transcript transcription pipeline test tests unit-test
loop variable command commands shortcut rule rules law laws attention inspiration parallel parallels analogy analogies
lots straws flowchart diagram diagrams chart charts graph graphs plot plots histogram ipa accent voice music audio
video videos podcast newsletter tweet tweets hashtag hashtags bullet bullets subject topic discussion feedback rating
ratings score scores ranking pros cons benefits advantages disadvantages reasons reason causes cause effects effect
impact ways methods techniques tools resources shows series podcasts channels products brands stores countries
companies interview interviews questionnaire backstory plot character-backstory worldbuilding lore screenplay
monologue soliloquy eulogy vows testimonial acrostic ballad rap verse verses rhyme rhymes chorus stanza fable parable
anecdote persona role rubric syllabus flashcards worksheet worksheets crossword sudoku gallery album frame frames
editor viewer compression classifier processor tag tags src poll polls vote petition roadmap insult compliment
greeting message messages sms announcement workshop meditation mantra prayer changelog readme diff commit config
dockerfile makefile package module component plugin extension repo chatbot agent pitch hypothesis solution solutions
metaphor simile acronym mnemonic proverb idiom excuse apology refund discount library docker kernel iso backup url
link links address shopping grocery
"""
TEXT_PHRASES = (
    "meal plan",
    "business plan",
    "lesson plan",
    "study plan",
    "to do list",
    "to-do list",
    "shopping list",
    "packing list",
    "bucket list",
    "cover letter",
    "alt text",
    "case study",
    "press release",
    "user story",
    "user stories",
    "test case",
    "test cases",
    "unit test",
    "unit tests",
    "test data",
    "decision tree",
    "binary tree",
    "search tree",
    "family tree",
    "mind map",
    "word cloud",
    "big picture",
    "bigger picture",
    "clear picture",
    "mental picture",
    "mental image",
    "self image",
    "body image",
    "public image",
    "brand image",
    "docker image",
    "docker images",
    "disk image",
    "boot image",
    "iso image",
    "system image",
    "mirror image",
    "picture book",
    "picture frame",
    "picture frames",
    "photo album",
    "photo gallery",
    "image gallery",
    "image classifier",
    "image processing",
    "image recognition",
    "image compression",
    "image tag",
    "image prompt",
    "image prompts",
    "art project",
    "art history",
    "art class",
    "art supplies",
    "state of the art",
    "motion picture",
    "motion pictures",
    "painting class",
    "drawing class",
    "drawing lesson",
    "painting lesson",
    "drawing board",
    "drawing tips",
    "drawing ideas",
    "painting ideas",
    "logo ideas",
    "poster ideas",
    "meme coin",
    "credit card",
    "debit card",
    "gift card",
    "report card",
    "sim card",
    "id card",
)
PARTS = """
background foreground backdrop lighting shadow shadows reflection reflections contrast saturation brightness exposure
sharpness color colors colour colours tone tones palette mood atmosphere vibe vibes ambience angle view viewpoint
perspective composition framing format orientation layout aspect ratio resolution styles version versions alternative
alternatives option options variation variations edition take takes look texture textures detail details outline
outlines border borders edges corner text font fonts lettering letters lines stroke strokes bokeh closeup close-up
closeups pose expression proportions space whitespace glow haze grain noise vignette shading highlights filter bg
scenery setting hue hues shade tint copy rendition attempt mode crop zoom shot lens
"""
PART_PHRASES = (
    "color scheme",
    "colour scheme",
    "aspect ratio",
    "close up",
    "point of view",
    "wide shot",
    "wide angle",
    "long shot",
)
COLOURS = """
red blue green yellow purple pink orange black white grey gray brown golden gold silver teal turquoise cyan magenta
violet indigo maroon beige cream ivory crimson scarlet navy lavender lilac mint olive peach coral bronze copper
rainbow tan khaki burgundy emerald amber rose-gold blonde blond ginger multicolored multicoloured reddish bluish
greenish yellowish azure aqua
"""
STYLES = """
anime manga cyberpunk steampunk solarpunk noir gothic baroque rococo impressionist impressionistic surreal surrealist
surrealism impressionism cubism cubist expressionist minimalist minimalistic minimal retro vintage futuristic
vaporwave synthwave photorealistic photo-realistic hyperrealistic hyper-realistic photorealism cinematic abstract
pixelated cel-shaded ukiyo-e bauhaus isometric low-poly lowpoly claymation grayscale greyscale monochrome sepia pastel
pastels neon psychedelic ghibli pixar disney crayon crayons charcoal pencil ink chalk oil oils acrylic gouache 3d 2d
8-bit 16-bit flat hand-drawn cartoonish cartoony comic-book halftone polaroid macro hdr 4k 8k hd uhd kawaii chibi
dreamy ethereal whimsical painterly artsy stained-glass picasso monet rembrandt vermeer hokusai klimt renaissance
medieval victorian art-deco pop-art lineart stencil risograph fantasy sci-fi scifi dystopian brutalist noir graffiti
rococo embroidery papercut papercraft felt knitted
"""
STYLE_PHRASES = (
    "black and white",
    "black & white",
    "black-and-white",
    "b & w",
    "black n white",
    "art nouveau",
    "art deco",
    "van gogh",
    "low poly",
    "stained glass",
    "comic book",
    "studio ghibli",
    "paper cut",
    "paper cutout",
    "line art style",
    "film noir",
    "cel shaded",
    "salvador dali",
    "pop art style",
)
TRAITS = """
darker brighter lighter bigger smaller larger taller shorter longer wider narrower thicker thinner sharper softer
warmer cooler colder hotter older younger happier sadder angrier scarier cuter funnier cleaner simpler rounder deeper
closer farther further higher lower stronger weaker richer duller bolder paler newer fatter skinnier slimmer calmer
wilder stranger weirder dark bright light pale dull busy cluttered crowded empty plain simple complex vertical
horizontal square transparent symmetrical centered centred glossy matte shiny metallic scary spooky creepy cute happy
sad angry smiling sunny rainy snowy foggy stormy cloudy misty moody gloomy cozy cosy vibrant vivid colorful colourful
realistic dramatic detailed saturated blurry fuzzy grainy sharp soft warm big small large tall short long wide narrow
thick thin old young fat round high low tiny huge giant enormous massive bold elegant fancy modern rustic magical
mysterious peaceful serene epic lively cheerful muted subtle intense nighttime daytime upside-down asymmetrical wooden
fluffy furry hairy muscular chubby wet dry messy neat clean dirty rusty broken glowing sparkly full-body landscape
panoramic loose tight loud wild calm fierce gentle fast slow lush dense sparse smooth rough crisp chunky slim curvy
pointy straight curly spiky leafy grassy sandy rocky muddy dusty strange weird strong weak rich kind brave smart
blurred washed-out overexposed underexposed noisy boring flatter
"""
VISIBLE = """
hamster hamsters ferret chipmunk walrus seal seals narwhal orca manatee platypus armadillo capybara meerkat lemur lynx
jaguar hyena rhino rhinoceros hippo hippopotamus bison buffalo yak antelope gazelle ostrich emu pelican heron herons
stork crane toucan macaw cockatoo woodpecker kingfisher sparrow finch magpie seagull gull gulls puffin albatross quail
shrimp prawn starfish seahorse coral clam oyster eel salmon trout goldfish koi axolotl newt salamander iguana tadpole
moth moths caterpillar ladybug ladybird firefly fireflies grasshopper cricket mantis wasp scorpion tarantula mammoth
pterodactyl triceratops kraken yeti bigfoot sphinx hydra cyclops gargoyle gnome gnomes leprechaun genie imp pug corgi
husky poodle bulldog labrador terrier greyhound dachshund tabby siamese stallion foal calf piglet duckling bat bats
vulture condor cobra rattlesnake cat cats kitten kittens dog dogs puppy puppies horse horses pony unicorn unicorns
dragon dragons fox foxes wolf wolves bear bears panda pandas lion lions tiger tigers leopard cheetah elephant
elephants giraffe zebra monkey gorilla ape deer moose elk reindeer rabbit rabbits bunny hare mouse mice rat squirrel
hedgehog otter beaver badger raccoon skunk sloth koala kangaroo camel llama alpaca goat goats sheep lamb cow cows bull
pig pigs donkey chicken hen rooster duck ducks goose geese swan swans owl owls eagle hawk falcon raven crow parrot
peacock penguin penguins flamingo flamingos pigeon dove robin hummingbird bird birds fish whale whales dolphin
dolphins shark sharks octopus squid jellyfish crab lobster turtle tortoise frog frogs toad lizard gecko chameleon
snake snakes crocodile alligator dinosaur dinosaurs t-rex butterfly butterflies bee bees dragonfly beetle spider
spiders ant snail snails worm insect animal animals creature creatures monster monsters alien aliens robot robots
cyborg android zombie zombies vampire werewolf witch wizard wizards fairy fairies elf elves dwarf orc goblin troll
giant mermaid mermaids ghost ghosts demon angel angels phoenix griffin centaur minotaur knight knights samurai ninja
pirate pirates viking vikings warrior warriors soldier king queen prince princess emperor cowboy astronaut astronauts
superhero clown ballerina dancer mage sorceress man woman men women boy girl boys girls child children kid kids baby
toddler person people couple family crowd lady gentleman grandmother grandfather grandma grandpa chef firefighter
policeman doctor nurse teacher farmer sailor fisherman scientist musician guitarist pianist violinist skeleton skull
face faces eye eyes hand hands hair beard mustache moustache hat hats crown glasses sunglasses scarf coat jacket cape
boots wings tail landscape landscapes mountain mountains hill hills valley canyon forest forests jungle desert beach
coast island islands ocean sea lake river waterfall pond stream meadow field fields garden park sky clouds cloud sun
sunset sunrise moon stars star galaxy nebula planet planets earth mars rainbow storm lightning thunderstorm snow rain
fog aurora volcano glacier iceberg cave cliff tree trees oak palm flower flowers rose roses tulip tulips sunflower
sunflowers lotus cactus mushroom mushrooms leaf leaves grass city cities cityscape skyline skyscraper skyscrapers town
village street alley castle castles palace temple church cathedral pyramid tower lighthouse lighthouses bridge house
houses cottage cabin mansion barn windmill ruins hut treehouse spaceship spaceships rocket rockets ufo airplane plane
helicopter balloon balloons boat boats ship ships sailboat submarine train trains tram bus truck tractor motorcycle
bicycle bike scooter carriage car cars sportscar teapot teacup mug vase candle candles lantern lanterns lamp chair
throne sword swords shield treasure chest crystal crystals gem umbrella kite guitar violin piano balloon map scene
scenery landscape snowman scarecrow campfire fireplace fireworks waterfall apple apples banana strawberry strawberries
cherry cherries pumpkin watermelon pineapple donut cupcake burger pizza fountain statue statues sculpture bench
benches window windows staircase corridor hallway library bookshelf kitchen bedroom bathroom treehouses greenhouse
orchard vineyard farm farmhouse harbor harbour pier marina canal dam railway stadium playground carnival circus
carousel rollercoaster chair sofa couch armchair bed rug curtain mirror clock hourglass telescope microscope compass
anchor bell trumpet saxophone cello harp accordion typewriter gramophone camera suitcase backpack basket barrel bucket
bottle jar bowl plate spoon fork knife kettle pot cauldron potion wand broom feather skateboard surfboard kayak canoe
raft gondola yacht ferry ferries jeep taxi ambulance firetruck bulldozer excavator drone blimp zeppelin satellite
spacesuit asteroid comet meteor eclipse tornado hurricane blizzard avalanche sandcastle dune dunes oasis mandala
costume outfit dress gown armor armour bouquet portal maze labyrinth waves wave tulip blossom
"""
EDIBLE = frozenset(
    """
        chicken lobster crab fish duck turkey apple apples banana strawberry strawberries cherry cherries pumpkin
        watermelon pineapple donut cupcake burger pizza
    """.split()
)
CODE = """
code python javascript js typescript java rust c++ html css svg sql latex tikz mermaid matplotlib ascii markdown json
yaml xml bash shell react vue d3 plantuml graphviz excel php ruby swift kotlin numpy pandas opengl unicode jinja p5.js
git docker kubernetes npm pip ssh linux unix terraform aws powershell vba latex-table threejs three.js plotly ggplot
r-script fortran cobol golang seaborn tkinter flutter assembly
"""

# Nouns of words and numbers that pictures show too: "add a title", "put the letter on the table".
WRITTEN_IN_PICTURES = frozenset(
    """
        title titles name names text word words number numbers quote slogan tagline caption headline table tables
        letter letters menu game games bill ticket tickets video hotel restaurant key keys folder chart speech
        dialogue message website money mess noise event fun laugh cry bot bots site book books doc page pages accent
        music band class weather drama song party rust python shell ruby assembly swift tests list map bullet bullets
        rule effect effects slide slides hash products stores brands pipeline plot news
    """.split()
)

# Words of errands and of the assistant itself: a change that names one is not about an image.
ERRANDS = frozenset(
    """
        account accounts money dollar dollars buck bucks savings bank banking mastercard visa amex credit debit
        payment payments insurance pto vacation timer timers alarm alarms reminder reminders calendar appointment
        appointments meeting meetings schedule volume voice voices accent whisper language settings setting's speed
        temp thermostat gps coordinates location uber list lists grocery groceries shopping todo cart playlist music
        song songs spotify subject topic conversation chat order orders reservation flight flights hotel password
        passwords pin pincode address email emails poem essay story stories recipe code haiku limerick sentence
        paragraph paragraphs verse function script report article file files spreadsheet homework rent taxes tax
        mortgage loan salary paycheck 401k invoice transaction transactions balance apr statement gas mileage coupon
        subscription membership username subtitles boss coworker wifi bluetooth app apps browser definition synonym
        pronunciation spelling translation meaning joke quiz monday tuesday wednesday thursday friday tomorrow
        yesterday o'clock pm am temperature ringer vocals speech checkbook checkbooks purchases ratings ai dialed sync
        unleaded factory miles kilometers km kg lbs ounces gallons liters degrees nutritional calorie calories inch
        inches cm meters feet pounds kilograms celsius fahrenheit
    """.split()
)
