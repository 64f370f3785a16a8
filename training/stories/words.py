"""What the grammar's sentences are filled with."""

NAMES = """
Lily Ben Tom Mia Sam Anna Max Sue Tim Lucy Jack Emma Leo Zoe Nina Kate Finn Rosa Omar Ivy Eli Ruby Hugo Clara Noah Ella
Oscar Alice Peter Mary John Jane Bob Sara Amy Dan Joe Kim Lisa Mark Paul Mila Luke Ada Theo Nora Jake Owen Maya Liam Ava
Felix Stella Henry Grace George Molly Charlie Daisy Toby Bella Oliver Sophie Harry Julia Simon Laura David Helen James
Emily Daniel Sarah Adam Eva Alex Lena Carl Dora Fred Gina Ian Jill Kyle Nick Olga Pam Rita Steve Tina Vera Zack Beth
""".split()

PLACES = """
park beach school store zoo farm library garden forest river lake museum market kitchen house hill playground bakery
castle pond town circus office station barn yard bridge island shop field
""".split()

OBJECTS = """
ball book cake toy drink hat kite flower cookie doll apple box letter ring cup drum bone banana balloon shell stone
basket pencil map car boat bell necklace crown ticket sandwich blanket lamp coin key scarf puzzle teddy robot picture
""".split()

COLORS = "red blue green yellow pink black white brown orange purple big small new old shiny pretty".split()

ANIMALS = "cat dog bird frog bear fox rabbit duck mouse cow pig horse lion turtle fish owl bee sheep goat snake".split()

FEELINGS = "happy sad tired scared proud angry hungry excited surprised kind brave sleepy".split()

HAND = "gave handed passed showed brought threw sold lent offered".split()

PLAY = "played ran walked sat rested danced sang worked jumped laughed".split()

# Made-up names of the grammar are put together from any of these, but never have a syllable of those kept for measuring.
ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sh sk sl sm sn sp st sw t th tr v w y z".split()
VOWELS = "a e i o u oo ee".split()
ENDS = ["", "", "", *"b d f g k l m n p r s t x z".split()]
MEASURED_SYLLABLES = "wex tur bol nad kip sel mok dri plo hux gim fro vad jun spe cla tib rus quen wol".split()

SURNAMES = """
Brown Smith Hill Green Wood King Stone Fox Bell Reed Cole Gray Hunt Lane Moss Page Ross Shaw Webb York
Bird Cook Dean Ford Gold Hart Knox Lamb Nash Pike Rice Snow Todd Vane West Young Baker Carter Fisher Miller
""".split()
