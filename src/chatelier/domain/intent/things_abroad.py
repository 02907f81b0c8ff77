"""Spanish, French, German and Portuguese nouns of things that can be seen. Folded: no accents, lower case."""

from __future__ import annotations

SPANISH = """
gata gatito cachorro zorro lobo oso leon tigre elefante jirafa mono conejo raton ardilla erizo tortuga rana serpiente
pez tiburon ballena delfin pulpo cangrejo pajaro aguila buho cuervo gallina gallo pato cisne pinguino mariposa abeja
arana hormiga vaca toro cerdo oveja cabra burro camello unicornio dinosaurio monstruo robot fantasma bruja mago hada
duende sirena caballero rey reina princesa principe pirata astronauta superheroe payaso bailarina abuela abuelo bebe
familia pareja cocinero medico bombero pescador musico guitarra piano violin sombrero corona gafas vestido zapato bota
castillo palacio iglesia templo torre faro puente cabana molino pueblo calle callejon plaza mercado cafe tienda
escuela biblioteca jardin parque flor rosa girasol cactus hongo hoja hierba campo desierto selva isla rio lago cascada
volcan cueva nube cielo estrella estrellas planeta galaxia lluvia nieve tormenta arcoiris atardecer amanecer noche
invierno verano otono primavera avion tren bicicleta moto camion globo cohete nave velero submarino mesa silla cama
lampara vela ventana puerta reloj libro taza tetera copa plato botella cesta paraguas espada escudo manzana naranja
limon fresa pastel tarta pizza helado pan queso cafe vino
"""
FRENCH = """
chatte chaton chiot renard loup ours lion tigre elephant girafe singe lapin souris ecureuil herisson tortue grenouille
serpent poisson requin baleine dauphin pieuvre crabe aigle hibou chouette corbeau poule coq canard cygne pingouin
manchot papillon abeille araignee fourmi vache taureau cochon mouton chevre ane chameau licorne dinosaure monstre
robot fantome sorciere sorcier magicien fee lutin sirene chevalier roi reine princesse prince pirate astronaute heros
clown danseuse grand-mere grand-pere bebe famille couple cuisinier chef medecin pompier pecheur musicien guitare piano
violon chapeau couronne lunettes robe chaussure botte chateau palais eglise temple tour phare pont cabane moulin
village rue ruelle place marche cafe boulangerie fromagerie magasin ecole bibliotheque jardin parc fleur rose
tournesol cactus champignon feuille herbe champ desert jungle ile riviere lac cascade volcan grotte nuage etoile
etoiles planete galaxie pluie neige orage tempete arc-en-ciel coucher aube nuit hiver ete automne printemps avion
train velo moto camion ballon montgolfiere fusee vaisseau voilier sous-marin table chaise lit lampe bougie fenetre
porte horloge livre tasse theiere verre assiette bouteille panier parapluie epee bouclier pomme orange citron fraise
gateau tarte pizza glace pain fromage
"""
GERMAN = """
kater katzchen welpe fuchs wolf bar baren lowe lowen tiger elefant elefanten giraffe affe affen hase hasen kaninchen
maus eichhornchen igel waschbar dachs reh hirsch schildkrote frosch schlange fisch fische hai wal delfin tintenfisch
oktopus krabbe adler eule rabe huhn hahn ente schwan pinguin pinguine papagei schmetterling biene spinne ameise kuh
stier schwein schaf ziege esel kamel einhorn dinosaurier monster roboter gespenst hexe zauberer fee zwerg elfe
meerjungfrau ritter konig konigin prinzessin prinz pirat piraten astronaut astronauten held clown tanzerin oma opa
grossmutter grossvater kind kinder baby familie paar koch arzt feuerwehrmann fischer musiker gitarre klavier geige hut
krone brille kleid schuh schuhe stiefel burg schloss kirche tempel turm leuchtturm brucke hutte muhle dorf strasse
gasse marktplatz markt cafe laden schule bibliothek garten park blume blumen rose sonnenblume kaktus pilz pilze blatt
gras feld wiese wuste dschungel insel fluss see wasserfall vulkan hohle wolke wolken himmel stern sterne planet
galaxie regen schnee sturm gewitter regenbogen sonnenuntergang sonnenaufgang nacht winter sommer herbst fruhling
flugzeug zug fahrrad motorrad lastwagen ballon heissluftballon rakete raumschiff segelboot boot u-boot tisch stuhl
bett lampe kerze fenster tur uhr buch tasse teekanne glas teller flasche korb regenschirm schwert schild apfel orange
zitrone erdbeere kuchen torte pizza eis brot kase drachen katzen hunde pferde vogel
"""
PORTUGUESE = """
gata gatinho filhote raposa lobo urso leao tigre elefante girafa macaco coelho rato esquilo ourico tartaruga sapo
cobra peixe tubarao baleia golfinho polvo caranguejo aguia coruja corvo galinha galo pato cisne pinguim borboleta
abelha aranha formiga vaca touro porco ovelha cabra burro camelo tucano arara capivara onca unicornio dinossauro
monstro robo fantasma bruxa mago fada duende sereia cavaleiro rei rainha princesa principe pirata astronauta heroi
palhaco bailarina avo bebe familia casal cozinheiro medico bombeiro pescador musico guitarra violao piano violino
chapeu coroa oculos vestido sapato bota castelo palacio igreja templo torre farol ponte cabana moinho vila aldeia rua
beco praca mercado cafe loja escola biblioteca jardim parque flor rosa girassol cacto cogumelo folha grama campo
deserto selva ilha rio lago cachoeira vulcao caverna nuvem estrela estrelas planeta galaxia chuva neve tempestade
arco-iris por-do-sol amanhecer noite inverno verao outono primavera aviao trem bicicleta moto caminhao balao foguete
nave veleiro submarino mesa cadeira cama lampada vela janela porta relogio livro xicara bule copo prato garrafa cesta
guarda-chuva espada escudo maca laranja limao morango bolo torta pizza sorvete pao queijo lua sol
"""
