"""More English nouns of things that can be seen, and adjectives of how they look. Plurals are found by their ending."""

from __future__ import annotations

THINGS = """
dusk dawn twilight nightfall midday noon midnight daybreak woodcut blossom bloom meadow hollyhock
hammer saw wrench screwdriver drill nail screw axe shovel rake hoe wheelbarrow ladder rope chain hook pulley gear cog
wheel tire tyre engine piston propeller sail mast oar paddle rudder bow arrow spear dagger axe mace catapult cannon
tank pistol rifle helmet gauntlet scabbard saddle bridle reins whip collar leash cage nest burrow hive anthill cobweb
teddy doll puppet marionette toy yo-yo spinning-top dice domino chessboard pawn rook bishop tricycle unicycle sled
sleigh snowboard skis ski rollerblade trampoline swing slide seesaw hammock tent caravan rv van minivan suv lorry
pickup limousine convertible hatchback porsche ferrari beetle tuk-tuk rickshaw hovercraft jetpack parachute glider
biplane jet airliner hangar runway cockpit locomotive wagon tramway metro subway platform tunnel viaduct aqueduct
overpass motorway highway road path trail footpath pavement sidewalk crosswalk roundabout roadside signpost billboard
streetlight lamppost traffic-light hydrant mailbox letterbox phonebox dustbin bin trashcan fence gate hedge wall brick
roof chimney balcony porch veranda terrace patio courtyard attic basement cellar loft garage shed kennel coop stable
pigsty silo mill watermill factory warehouse smokestack refinery quarry crane scaffold dome spire steeple minaret
pagoda shrine mosque synagogue monastery abbey chapel altar tomb grave gravestone tombstone graveyard cemetery crypt
mausoleum sarcophagus mummy coffin fortress fort citadel moat drawbridge battlement turret dungeon palisade igloo yurt
tipi teepee wigwam skyscape townhouse villa bungalow penthouse apartment hotelroom lobby elevator escalator shop
bakery butcher florist bookshop bookstore cafe diner pub tavern inn market bazaar stall kiosk mall supermarket
classroom university hospital prison courthouse museum gallery theater theatre cinema opera auditorium gym pool sauna
spa aquarium zoo circus tent funfair carousel ferris-wheel airport workshop laboratory lab studio cockpit cabin hut
chalet observatory planetarium spaceport moonbase armadillo badger beaver boar chinchilla chihuahua chick rooster hen
pup wolfhound spaniel retriever dalmatian schnauzer shiba rottweiler collie beagle bloodhound tomcat mongoose weasel
mole vole shrew guinea-pig porcupine anteater aardvark tapir wombat wallaby quokka koala dingo jackal coyote fennec
caracal ocelot puma cougar panther wildcat bobcat baboon chimp chimpanzee orangutan gibbon ibex mule ox oxen hog sow
ewe ram pigeon jackdaw jay cuckoo lark nightingale swallow starling blackbird thrush kestrel osprey buzzard ibis
spoonbill kiwi cassowary roadrunner turkey pheasant partridge goldfinch canary budgie parakeet cockatiel hornbill
gannet cormorant tern pterosaur diplodocus stegosaurus velociraptor brontosaurus raptor mastodon sabertooth dodo trout
carp pike catfish tuna swordfish stingray manta barracuda piranha clownfish pufferfish anglerfish cuttlefish nautilus
sea-urchin anemone mussel snail slug leech centipede millipede cockroach termite mosquito wasp hornet bumblebee
honeybee cicada locust flea ladybug scarab moth larva cocoon tadpole toad bullfrog tortoise terrapin python viper boa
rattlesnake chimera basilisk cerberus pegasus manticore wyvern hydra leviathan golem ogre imp gremlin banshee siren
nymph dryad satyr faun djinn valkyrie titan cyborg mech mecha droid hologram alien ufo spaceman cosmonaut starship
battleship warship galleon frigate steamship steamboat paddleboat rowboat dinghy catamaran trawler tugboat barge
lifeboat lightship harbour wharf jetty breakwater buoy grandparent granny nan grandson granddaughter nephew niece aunt
uncle father mother dad mum mom son daughter brother sister twin bride groom bridesmaid widow orphan hobbit halfling
druid bard cleric paladin rogue barbarian gladiator centurion spartan legionary crusader jester monk nun priest bishop
pope pharaoh sultan sheriff outlaw bandit gunslinger detective spy assassin thief burglar villain hero heroine
superheroine sidekick surgeon dentist vet pilot stewardess driver cyclist jogger runner swimmer diver surfer skier
skater snowboarder climber hiker gardener florist baker butcher barista waiter waitress bartender blacksmith carpenter
plumber electrician mechanic welder miner lumberjack shepherd beekeeper fishmonger postman mailman milkman shoemaker
tailor seamstress potter painter sculptor dancer acrobat juggler magician mime conductor drummer singer rapper
rockstar dj golfer boxer wrestler footballer goalkeeper referee toddler teenager geisha sumo ronin shogun viking
pirate captain admiral astronomer alchemist librarian professor student schoolboy schoolgirl butler maid nanny bowtie
tie beret fedora top-hat tophat turban bonnet cap headband tiara veil mask goggles monocle earring necklace bracelet
brooch pendant locket glove mitten sock shoe sneaker sandal slipper heel stocking skirt blouse shirt t-shirt sweater
jumper cardigan hoodie vest waistcoat suit tuxedo trousers pants jeans shorts pyjamas pajamas robe bathrobe apron
uniform kimono sari kilt poncho toga swimsuit bikini wetsuit raincoat trenchcoat overalls belt suspenders button
zipper pocket sleeve badge medal ribbon bow tattoo scar freckle wrinkle eyebrow eyelash nose ear mouth lip tooth fang
tongue chin cheek forehead neck shoulder arm elbow wrist finger thumb fist chest belly tummy knee leg ankle foot toe
claw paw hoof horn antler tusk trunk snout beak feather fur mane fin shell tentacle stinger antenna halo ponytail
braid dreadlock mohawk afro pigtail fringe sideburn goatee smile grin apricot peach pear plum mango papaya kiwi fig
grape raisin raspberry blueberry blackberry cranberry coconut lemon lime orange grapefruit tangerine melon avocado
tomato potato carrot onion garlic cucumber pepper chili eggplant aubergine zucchini broccoli cauliflower cabbage
lettuce spinach radish beet turnip celery asparagus pea bean corn sweetcorn olive walnut almond peanut hazelnut acorn
chestnut pinecone bread loaf baguette croissant bagel pretzel bun toast sandwich hotdog hot-dog taco burrito sushi
ramen noodle spaghetti pasta lasagna dumpling omelette egg pancake waffle muffin cookie biscuit brownie pie cake
cheesecake cupcake doughnut icecream ice-cream popsicle lollipop candy chocolate marshmallow gingerbread jelly jello
honey jam cheese butter steak sausage bacon ham meatball soup stew salad fries popcorn coffee espresso cappuccino tea
cocoa juice smoothie milkshake beer wine champagne whisky cocktail margarita martini teaspoon goblet chalice tankard
tumbler pitcher jug carafe flask thermos saucer tray platter ladle spatula whisk pan wok skillet oven stove microwave
fridge refrigerator freezer toaster blender kettle dishwasher sink faucet tap bathtub tub shower toilet towel soap
sponge bubble toothbrush comb hairbrush scissors needle thread yarn spool thimble quilt blanket pillow duvet mattress
cradle crib cot wardrobe dresser drawer cupboard cabinet shelf bookcase recliner rocking-chair chandelier candelabra
candlestick torch flashlight lightbulb bulb matchstick lighter campfire bonfire bonfires ember spark flame fire smoke
ash cinder lava magma steam bubble puddle raindrop dewdrop droplet icicle snowflake snowdrift frost hail sleet mist
haze dust sand pebble stone rock boulder cobblestone gravel mud swamp marsh bog lagoon bay cove fjord strait reef
atoll cape peninsula shore shoreline coastline seaside seabed ridge peak summit gorge ravine plateau mesa prairie
savanna savannah steppe tundra heath moor pasture paddock grove thicket bush shrub vine ivy moss fern reed bamboo
willow birch pine fir spruce cedar maple sequoia redwood baobab mangrove cypress elm sapling stump twig root bark bud
petal stem thorn seed sprout bonsai houseplant terrarium wreath garland lavender lily lilies orchid daisy daisies
poppy poppies violet iris daffodil hyacinth peony peonies dahlia marigold chrysanthemum carnation hibiscus magnolia
jasmine wisteria hydrangea dandelion clover thistle heather wheat barley haystack hay straw pumpkin gourd plant flag
banner kite pinwheel windsock balloon confetti sparkler firework firecracker lantern streetlamp neon-sign signboard
chalkboard blackboard whiteboard easel palette paintbrush crayon pencil pen quill inkwell notebook notepad diary
scroll parchment envelope stamp postcard newspaper magazine comic globe atlas abacus calculator keyboard laptop
computer monitor tablet phone telephone smartphone television tv radio record-player vinyl cassette boombox headphone
headphones earphone microphone speaker amplifier synthesizer keyboard drum tambourine xylophone triangle flute
clarinet oboe bassoon recorder trombone tuba french-horn ukulele banjo mandolin lute lyre sitar bagpipe harmonica
organ metronome gong chime windchime projector binoculars magnifying-glass magnifier lens prism pendulum sundial
wristwatch stopwatch cuckoo-clock barometer thermometer beaker test-tube flask syringe stethoscope bandage crutch
wheelchair briefcase handbag purse wallet coin banknote piggybank vault padlock keyhole door doorway doorknocker
doorknob window windowsill windowpane shutter curtain blind carpet doormat tile floor floorboard ceiling pillar column
arch archway stair stairs steps banister railing trellis pergola gazebo pavilion birdhouse birdbath birdcage beehive
scarecrow sandbox snowball snowman snowmen igloo sphere cube pyramid cone cylinder pentagon hexagon triangle circle
square rectangle star heart spiral helix fractal cloudscape moonlight sunlight starlight sunbeam shooting-star
constellation milky-way supernova black-hole wormhole saturn jupiter neptune venus crater alleyway cobble pier
boardwalk sandbank dock shipwreck wreck submarine treasure-chest gemstone diamond ruby sapphire pearl amulet talisman
crystal-ball spellbook grimoire goblet tarot rune totem idol mannequin gargoyle bust obelisk monolith stonehenge
sphinx parthenon colosseum kremlin taj-mahal eiffel lighthouse windmill wind-turbine turbine solar-panel pylon antenna
satellite-dish radar rollercoaster ferris goalpost basketball football soccer-ball baseball tennis racket bat puck
hockey bowling golf dartboard trophy podium finish-line bouncer popsicle umbrella parasol deckchair sunbed cooler
picnic barbecue grill lunchbox basket crate box parcel barrel keg sack bag pouch urn amphora vase flowerpot
watering-can hose sprinkler lawnmower tractor plough scythe pitchfork trough aqueduct millstone anvil forge furnace
bellows loom spinning-wheel sewing-machine crowd audience queue parade procession protest wedding funeral picnic feast
banquet party birthday duel battle battlefield war siege storming explosion shipyard skatepark raccoon opossum possum
hedgehog capybara axolotl platypus lasso cactus tumbleweed saloon stagecoach canoe totem wigwam snowshoe husky
blenny caribou crayfish critter cub doe doggo earthworm egret fawn gerbil gnat gnu gopher grizzly grouse guppy hound
ibex impala kitty
lemming lioness mallard mare marmot marten midge mink minnow okapi oriole pangolin pika sardine serpent stoat
tarsier warthog wolverine
wren algae aloe azalea bluebell bramble buttercup camellia cornflower crocus foxglove fungus geranium ginkgo
hawthorn kelp mistletoe
oleander pansy petunia poinsettia rhododendron rosebush sakura seaweed seedling snowdrop succulent toadstool
wildflower yew
macaron meringue mochi churro gelato sorbet popsicle parfait
acrobat archer beggar biker bookseller cellist cheerleader coachman cobbler cowgirl explorer fiddler fireman
glassblower gymnast hunter
inventor janitor jockey lifeguard nomad pedestrian peasant pilgrim puppeteer saxophonist scribe shaman sherpa
skateboarder trumpeter
villager watchmaker weaver
cherub ghoul god goddess gorgon kaiju medusa oni pixie santa sorcerer spectre
aeroplane aircraft airship barge camper cart chariot chopper dirigible forklift moped motorbike motorboat pram rover
sedan segway sledge
snowmobile spacecraft speedboat steamer stroller trolley
arena ballroom bathhouse belfry boathouse brewery bunker chateau cloister conservatory crypt nightclub parlour shack
watchtower waterwheel
abyss archipelago backyard bayou boulevard brook cavern cosmos creek crossroads estuary farmland geyser glade
hillside hilltop lakeside lawn
metropolis mountainside plaza promenade rainforest riverbank rooftop seashore waterfront wetland wilderness woodland
cloudburst gale hail monsoon sandstorm snowfall snowstorm typhoon
anorak bandana beanie blazer cloak cravat diadem eyepatch fez headdress headscarf hijab hood jumpsuit leggings
moccasin nightgown overcoat
parka shawl sombrero spectacles stockings sundress trainers tutu wig yukata
dimple eyelid hairdo snout smirk stubble tentacle torso whisker
footstool hatstand headboard lampshade mantelpiece pedestal pew sideboard stool tablecloth
bagpipes beachball boomerang bunting chopsticks cigar crowbar fiddle frisbee handkerchief hoop horseshoe jukebox
kaleidoscope lipstick
megaphone milestone ornament pinata pocketwatch postbox pottery sceptre seashell snowglobe spade spotlight tinsel
tripod trowel viola
"""
EDIBLE = """
bread loaf baguette croissant bagel pretzel bun toast sandwich hotdog hot-dog taco burrito sushi ramen noodle
spaghetti pasta lasagna dumpling omelette egg pancake waffle muffin cookie biscuit brownie pie cake cheesecake cupcake
doughnut icecream ice-cream chocolate jelly jello jam cheese butter steak sausage bacon ham meatball soup stew salad
fries popcorn coffee espresso cappuccino tea cocoa juice smoothie milkshake beer wine champagne whisky cocktail
margarita martini tomato potato carrot onion garlic cucumber pepper peach pear mango lemon orange avocado
"""
LOOKS = """
nicer prettier handsome uglier truer livelier
mean rude fierce friendly grumpy smug shy proud lazy sleepy tired bored evil wicked sinister menacing heroic noble
royal regal majestic grand ornate elaborate plain modest humble cozy cosy comfy warm cool chilly icy frozen frosty
snowy slushy rainy windy breezy stormy thundery hazy smoky dusty sooty ashy steamy sweaty greasy oily sticky slimy
gooey spongy squishy puffy bushy shaggy scruffy ragged tattered torn cracked chipped dented scratched weathered worn
battered crumbling ruined abandoned haunted deserted overgrown mossy grassy floral leafy flowery thorny prickly spiny
bumpy lumpy jagged rugged steep hilly flat hollow swollen bent crooked twisted tangled knotted braided striped spotted
dotted checkered plaid patterned marbled speckled freckled tanned pale rosy pinkish greyish brownish blackish whitish
dusky dim shadowy gloomy murky cloudless starry moonlit sunlit candlelit backlit lit shaded silhouetted translucent
opaque see-through frosted glassy polished shimmering glittering sparkling gleaming glistening lustrous radiant
luminous fluorescent iridescent holographic pearly silvery golden coppery rustic antique ancient aged elderly youthful
childlike babyish adult teenage feminine masculine slender skinny bony plump stocky burly beefy bulky hefty heavy
light lightweight miniature minuscule microscopic teeny teensy petite colossal gigantic mammoth towering lofty tall
squat stubby stout broad slender lanky leggy winged horned bearded mustachioed bald hooded masked armored armoured
barefoot naked bare clothed dressed tattooed pierced bejeweled crowned grinning frowning crying laughing screaming
snarling roaring sleeping dreaming flying floating dancing fancy posh luxurious lavish shabby grimy gritty grungy edgy
punk goth emo hip trendy chic stylish classy tacky gaudy flashy loud quiet soft subtle faint bold striking stark
austere zen tranquil calm serene placid still turbulent choppy wavy rippling foamy frothy bubbly fizzy blazing fiery
burning scorched charred molten glowing electric neon radioactive toxic poisonous venomous magical mystical mythical
legendary celestial cosmic galactic alien otherworldly surreal trippy dreamlike nightmarish eerie creepy ghostly
ghastly gory bloody grim bleak dreary somber sombre melancholic nostalgic romantic festive christmassy wintry autumnal
summery springlike tropical exotic arctic polar coastal nautical rural urban suburban industrial mechanical robotic
organic geometric angular rounded spherical cubic triangular rectangular oval circular spiral tapered pointed blunt
sturdy fragile delicate dainty frilly lacy silky velvety woolly woollen leathery rubbery plastic wooden metallic brass
iron steel concrete marble ceramic porcelain clay paper cardboard fabric denim plush stuffed knitted crocheted quilted
embroidered beaded professional playful goofy silly funny quirky whimsical wacky crazy insane zany chaotic orderly
tidy sleek streamlined aerodynamic sporty athletic chunky blocky pixelated grainy noisy crisp sharp blurry hazy washed
vibrant vivid saturated desaturated muted earthy neutral monochromatic contrasting high-contrast overexposed
underexposed low-key high-key cropped zoomed
"""
