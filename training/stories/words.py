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

SYLLABLES = """
zor blim quo tak fen dru mip vex lor gan shi pol nuk rab wim jat kel sno tru yib hob gra peb lun dax mog vil cro zan fip
""".split()
