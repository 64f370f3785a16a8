"""The vocabulary of the induction example: a word a token, so that a prompt can be read."""

WORDS = """
apple arrow baby ball banana barn basket beach bear bed bee bell berry bike bird boat book boot bowl box boy branch bread
bridge brush bucket bus cake camp candle car card castle cat chair cheese cherry child circle city cloud coat coin corn cow
crown cup dance day desk dog door dragon dream drum duck ear egg engine farm feather fence field fire fish flag flower fog
forest fork fox frog game garden gate ghost gift girl glass glove goat gold grape grass hair hammer hand hat hill honey horse
house ice island jacket jar juice key king kite knife ladder lake lamp leaf lemon letter light lion lock map market milk mirror
money monkey moon mountain mouse music nail needle nest night nose ocean onion orange owl paint paper park pear pen pencil
piano picture pig pillow pirate plant plate pocket pond potato prince queen rabbit rain ring river road robot rock roof room
rope rose sail salt sand school sea seed sheep ship shirt shoe silver sky sleep smile snake snow soap soup spider spoon star
stone storm story street sugar summer sun swan table tail teacher tent tiger tooth tower town toy train tree truck tulip turtle
village violin wagon wall watch water wave whale wheel wind window winter wolf wood wool yard zebra
""".split()

SPECIAL = ["<unk>", "<bos>"]
VOCABULARY = SPECIAL + WORDS
BOS = 1
