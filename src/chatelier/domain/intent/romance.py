"""The Spanish, French and Portuguese lexicons. Words are folded: no accents, lower case."""

from __future__ import annotations

from chatelier.domain.intent import things_abroad
from chatelier.domain.intent.lexicon import lexicon

SPANISH = lexicon(
    {
        "D": """
            dibuja dibujar dibujame dibujes dibujanos dibujas dibuje pinta pintame pintar pintes pinte ilustra
            ilustrar ilustrame esboza
        """,
        "M": """
            crea crear creame crees cree genera generar generame generes haz hazme hacer haznos hagas disena disenar
            disename elabora
        """,
        "G": "muestra muestrame muestranos ensename dame danos mandame enviame mostrarme darme",
        "@": "puedes podrias puede podria podeis podriais quieres",
        "L": "quiero quisiera necesito querria deseo busco queremos necesitamos gustaria puedo podemos dejame",
        "s": "ver vea",
        "h": "tener",
        "W": """
            escribe escribeme explica explicame describe dime cuenta cuentame traduce resume calcula busca recomienda
            recuerda ayudame recuerdame lista enumera redacta responde corrige compara define escribir explicar
        """,
        "E": """
            cambia cambiale cambiar cambies cambialo pon ponle ponlo poner ponla anade anadir anadele anadas
            agrega agregale agregar quita quitale quitar quites elimina eliminar borra borrar reemplaza
            sustituye hazlo hazla hazlos conviertelo convierte transforma transformalo mueve gira rota
            recorta llevara lleve tuviera tenga fuera sea amplia acerca aleja aclara oscurece usa voltea
            sustituir reemplazar
        """,
        "V": "repite repitelo regenera rehazlo rehaz",
        "A": "otro otra otros otras",
        "S": "mismo misma",
        "l": "mas menos",
        "u": "demasiado",
        "3": "primero primera primer segundo segunda tercero tercera ultimo ultima",
        "a": "un una unos unas algun alguna",
        "t": "el la los las este esta ese esa estos estas aquel aquella al",
        "p": "mi tu su mis tus sus nuestro nuestra",
        "o": "lo le esto eso ello ella",
        "r": "dos tres cuatro cinco seis",
        "m": "me nos te se",
        "I": "yo nosotros",
        "X": "no nunca tampoco",
        "b": "es son era fue eran esta estan hay tiene tienen vive viven come comen",
        "Q": "que quien cual cuales cuando donde cuanto cuantos cuanta quienes",
        "f": "de del mostrando",
        "w": "con",
        "e": "sin",
        "i": "en sobre bajo desde hacia entre durante tras ante encima debajo detras",
        "k": "como",
        "4": "para por",
        "&": "y o",
        "c": "pero",
        "2": "a",
        "P": "favor porfa porfavor ahora bueno vale ok hola oye tambien pues si quizas solo",
        "!": """
            gracias muchas genial perfecto bonito bonita precioso adios excelente encanta gusta hermoso maravilloso
            jaja bien
        """,
        "n": "imagen imagenes grafico visual",
        "N": """
            foto fotos dibujo dibujos pintura pinturas cuadro ilustracion ilustraciones retrato boceto fotografia
            acuarela caricatura
        """,
        "O": "logo logotipo cartel poster icono avatar pegatina tatuaje portada postal banner mascota",
        "T": """
            poema cuento historia carta correo receta codigo informe resumen plan ensayo cancion articulo texto chiste
            frase funcion programa tabla presentacion idea ideas nombre nombres pregunta preguntas ejemplo ejemplos
        """,
        "F": "fondo color colores formato version estilo luz sombra tono angulo perspectiva detalle detalles",
        "K": "rojo roja azul verde amarillo amarilla negro negra blanco blanca rosa morado naranja gris marron dorado",
        "J": """
            oscuro oscura claro clara grande pequeno pequena brillante alegre triste realista colorido vibrante viejo
            joven
        """,
        "v": """
            gato perro casa arbol caballo pajaro montana playa ciudad barco coche nino nina hombre mujer dragon bosque
            mar luna sol
        """,
    },
    {
        "@": (
            "me puedes",
            "me podrias",
            "puedes hacerme",
            "quiero que",
            "me gustaria que",
            "te importaria",
            "serias capaz de",
        ),
        "L": ("me gustaria", "yo quiero", "a ver", "quiero tener", "me vendria bien", "me haria falta", "necesitaria"),
        "V": ("otra vez", "de nuevo", "una vez mas", "una mas", "uno mas"),
        "j": ("en vez de", "en lugar de"),
        "i": ("de noche", "de dia", "por la noche"),
        "P": ("por favor", "un poco"),
        "W": ("como se", "como puedo", "como hago", "como dibujar", "como hacer"),
    },
    more={"v": things_abroad.SPANISH},
    head_first=True,
)

FRENCH = lexicon(
    {
        "D": """
            dessine dessiner dessinez dessine-moi dessinez-moi dessines peins peindre peignez peins-moi illustre
            illustrer illustrez esquisse croque
        """,
        "M": """
            cree creer creez cree-moi creez-moi fais faire faites fais-moi faites-moi genere generer generez produis
            concois imagine-moi
        """,
        "G": "montre montrer montrez montre-moi montrez-moi donne donne-moi donnez-moi envoie-moi",
        "@": "peux-tu pouvez-vous pourrais-tu pourriez-vous veux-tu saurais-tu voudrais-tu",
        "L": "veux voudrais voudrait aimerais souhaite faut besoin voulons voudrions",
        "s": "voir",
        "h": "avoir",
        "W": """
            ecris ecrire explique expliquer decris decrire dis raconte traduis resume resumer calcule cherche
            recommande rappelle aide-moi dis-moi raconte-moi redige liste compare corrige definis explique-moi
            ecris-moi
        """,
        "E": """
            ajoute ajouter ajoutez change changer changez remplace remplacer enleve enlever retire retirer supprime
            supprimer mets mettre mets-le mets-la mets-lui rends rendre rends-le rends-la transforme transformer
            agrandis reduis eclaircis assombris recadre tourne efface effacer deplace utilise colore fais-le fais-la
            ajoute-lui ajoute-y
        """,
        "V": "refais recommence regenere reessaie refais-le refais-la",
        "A": "autre autres",
        "S": "meme memes",
        "l": "plus moins",
        "u": "trop",
        "3": "premier premiere deuxieme second seconde troisieme dernier derniere",
        "a": "un une des quelques",
        "t": "le la les l' ce cet cette ces",
        "p": "mon ma mes ton ta tes son sa ses notre votre leur leurs",
        "o": "lui ca cela celui-ci ceci",
        "r": "deux trois quatre cinq six",
        "m": "me moi nous m'",
        "I": "je j' on",
        "Y": "tu vous",
        "X": "ne pas n' jamais",
        "b": "est sont etait c'est c' sera etaient a ont",
        "Q": "qui quoi quel quelle quels quelles comment pourquoi quand ou combien est-ce que qu'",
        "f": "de d' du representant montrant",
        "w": "avec",
        "e": "sans",
        "i": "en dans sur sous au aux pendant devant derriere entre vers chez a",
        "k": "comme",
        "4": "pour",
        "&": "et",
        "c": "mais",
        "P": "svp stp maintenant bon ok salut bonjour bonsoir aussi alors oui tres bien plait puis voila",
        "!": "merci beaucoup super genial parfait magnifique bravo adore aime beau belle joli jolie excellent",
        "n": "image images visuel visuels",
        "N": """
            photo photos dessin dessins peinture tableau illustration illustrations portrait aquarelle croquis
            caricature photographie
        """,
        "O": "logo affiche poster icone avatar autocollant tatouage couverture mascotte banniere",
        "T": """
            poeme histoire conte lettre courriel mail recette code rapport resume plan essai chanson article texte
            blague phrase fonction programme presentation idee idees nom noms question questions exemple liste
        """,
        "F": """
            fond arriere-plan couleur couleurs format version style lumiere ombre angle perspective ciel detail
            details
        """,
        "K": "rouge bleu bleue vert verte jaune noir noire blanc blanche rose violet violette gris grise marron dore",
        "J": """
            sombre clair claire grand grande petit petite lumineux lumineuse realiste colore vif triste gai vieux
            jeune joyeux
        """,
        "v": """
            chat chien maison arbre cheval oiseau montagne plage ville bateau voiture fille garcon homme femme dragon
            foret mer lune
        """,
    },
    {
        "@": (
            *(
                "tu peux",
                "vous pouvez",
                "tu pourrais",
                "est-ce que tu peux",
                "est-ce que vous pouvez",
                "je veux que tu",
            ),
            *(
                "j' aimerais que tu",
                "est-ce que tu pourrais",
                "je voudrais que tu",
                "peux-tu me",
                "pourrais-tu me",
                "tu peux me",
            ),
            *("pourriez-vous me", "pouvez-vous me"),
        ),
        "L": (
            "je veux",
            "je voudrais",
            "j' aimerais",
            "il me faut",
            "il me faudrait",
            "il nous faudrait",
            "j' ai besoin de",
            "j' aurais besoin de",
            "je souhaite",
            "on voudrait",
        ),
        "V": ("encore une", "encore un", "encore une fois", "a nouveau", "de nouveau"),
        "j": ("au lieu de", "a la place de", "plutot que"),
        "i": ("de nuit", "a cote"),
        "P": ("s'il te plait", "s'il vous plait", "s' il te plait", "s' il vous plait", "un peu"),
        "W": ("comment faire", "imagine que"),
        "M": ("fais moi", "faites moi", "fais nous"),
        "D": ("dessine moi", "dessinez moi", "peins moi"),
        "T": ("tableau des", "tableau excel", "tableau comparatif", "plan de", "plan d'"),
    },
    more={"v": things_abroad.FRENCH},
    head_first=True,
    elides=True,
)

PORTUGUESE = lexicon(
    {
        "D": "desenha desenhe desenhar desenhes desenhas pinta pinte pintar ilustra ilustre ilustrar esboca rabisca",
        "M": """
            crie cria criar crias faca faz fazer facas gera gere gerar produza projete criar-me faz-me elabora elabore
        """,
        "G": "mostra mostre mostrar mostra-me mostre-me da-me manda mande envia",
        "@": "pode podes poderia podia consegue consegues podias",
        "L": "quero queria gostaria gostava preciso queremos desejo adoraria",
        "s": "ver",
        "h": "ter",
        "W": """
            escreva escreve escrever explique explica descreva descreve diga diz conte conta traduza traduz resuma
            calcule procure recomende lembre ajude liste compare corrija defina redija
        """,
        "E": """
            adicione adiciona adicionar acrescente acrescenta coloque coloca colocar ponha poe troque troca trocar
            mude muda mudar altere altera substitua substitui remova remove remover tire tira tirar apague apaga
            aumente diminua transforme transforma use usa deixe deixa gire recorte converta
        """,
        "V": "repita repete refaca regenere",
        "A": "outro outra outros outras",
        "S": "mesmo mesma",
        "l": "mais menos",
        "u": "demais muito",
        "3": "primeiro primeira segundo segunda terceiro ultimo ultima",
        "a": "um uma uns umas algum alguma",
        "t": "o os as este esta esse essa aquele aquela estes estas",
        "p": "meu minha seu sua meus minhas teu tua nosso nossa",
        "o": "ele ela isso isto",
        "r": "dois duas tres quatro cinco",
        "m": "me nos mim",
        "I": "eu",
        "Y": "voce tu voces",
        "X": "nao nunca",
        "b": "sao era foi esta estao e tem vivem",
        "Q": "que quem qual quais quando onde quanto quantos porque",
        "f": "de do da dos das mostrando",
        "w": "com",
        "e": "sem",
        "i": "em no na nas sobre sob ao entre durante atras num numa",
        "k": "como",
        "4": "para pra por",
        "&": "ou",
        "c": "mas",
        "2": "a",
        "P": "agora favor bom ok ola oi tambem entao sim so",
        "!": "obrigado obrigada lindo linda otimo perfeito adorei amei gostei legal muito excelente valeu tchau",
        "n": "imagem imagens visual",
        "N": """
            foto fotos desenho desenhos pintura quadro ilustracao ilustracoes retrato esboco fotografia aquarela
            caricatura
        """,
        "O": "logo logotipo cartaz poster icone avatar adesivo tatuagem capa mascote banner",
        "T": """
            poema conto historia carta email receita codigo relatorio resumo plano ensaio musica artigo texto piada
            frase funcao programa tabela lista apresentacao ideia ideias nome nomes pergunta exemplo
        """,
        "F": "fundo cor cores formato versao estilo luz sombra angulo ceu detalhe detalhes",
        "K": """
            vermelho vermelha azul verde amarelo amarela preto preta branco branca rosa roxo laranja cinza marrom
            dourado
        """,
        "J": """
            escuro escura claro clara grande pequeno pequena brilhante alegre triste realista colorido vibrante maior
            menor
        """,
        "v": """
            gato cachorro casa arvore cavalo passaro montanha praia cidade barco carro menino menina homem mulher
            dragao floresta mar
        """,
    },
    {
        "@": (
            "voce pode",
            "voce poderia",
            "sera que voce pode",
            "quero que voce",
            "pode me",
            "poderia me",
            "tu podes",
            "gostaria que voce",
        ),
        "L": (
            "eu quero",
            "eu gostaria de",
            "gostaria de",
            "gostava de",
            "eu queria",
            "eu preciso de",
            "preciso de",
            "queria",
            "to precisando de",
            "estou precisando de",
        ),
        "V": ("outra vez", "de novo", "mais uma", "mais um", "mais uma vez"),
        "j": ("em vez de", "no lugar de", "ao inves de"),
        "i": ("de noite", "de dia", "a noite"),
        "P": ("por favor", "um pouco", "se faz favor"),
        "W": ("como se", "como posso", "como faco", "como desenhar", "como fazer", "imagine que"),
    },
    more={"v": things_abroad.PORTUGUESE},
    head_first=True,
)
