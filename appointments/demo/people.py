"""Names and ways to reach people, drawn at random, of as many cultures as a city's patients have. Nobody is real."""

import re
from dataclasses import dataclass
from random import Random

from appointments.inquiries import search

FIRST_NAMES = """
Aaliyah Abdul Abigail Adaeze Agnieszka Ahmed Aiko Aleksander Alejandra Ama Amélie Anaïs Ángel Anja Anna-Maria Aoife
Arjun Åsa Ayşe Beatriz Bernard Björn Bożena Brigitte Carlos Carmen Chidi Chloë Claire Concepción Dagný Daniel Darius
David Deepika Dimitri Dolores Đorđe Edith Eleni Elif Émile Emma Esther Eun-ji Fatima Félix Fionnuala Françoise Gábor
Giulia Grace Greta Guðrún Günther Hamza Hannah Harold Hélène Hiroshi Håkon Ibrahim Ikram Ines Ingrid Isabel Ivan Jack
Jamal James Jan Jean-Luc Jean-Paul Jens João John José Juan Karolína Katherine Kenji Kofi Łukasz Lars Laura Leila
Linda Lourdes Lucía Małgorzata Marcus Margaret María Marie-Claire Mary Matěj Mei-Ling Mehmet Michael Miguel Minh
Mohammed Nadia Ngozi Nguyên Niamh Noémie Óscar Oksana Olga Omar Otis Øystein Patricia Paweł Peter Priya Rachel Rafał
Ravi Renée René Robert Rosa Ruth Sagal Samuel Şebnem Sergei Siobhán Søren Sofía Stanisław Susan Svetlana Tadeusz Tamara
Thandiwe Thérèse Thomas Tomáš Ursula Valentina Vasilis Víctor Walter Wei William Xiulan Yasmin Yolanda Yūki Zdzisław
Zeynep Zoë Елена محمد 美玲
""".split()
LAST_NAMES = """
Abernathy Acheampong Adeyemi Ahmadi Åkerlund Alvarez Andersson Arslan Bąk Baker Becker Bianchi Björk Blažek Brown
Bùi Călinescu Campbell Castellanos Chatterjee Chen Chukwu Çelik Cohen Cruz-Diaz D’Angelo D’Souza Da_Silva Dąbrowski
Davis De_la_Cruz Demir Diaz Dlamini Đỗ Doğan Dubois Dvořák El-Sayed Eriksson Evans Fernández Ferreira Fischer
Fitzgerald Flores Fontaine Garcia Gómez González Granger Großmann Groß Guðmundsson Gupta Gutiérrez Hansen Harris
Hassan Hernández Hoàng Hofmann Holloway Horváth Huang Ibáñez Iyer Jackson Jakobsen Jensen Jiménez Johansson Johnson
Jones Kaya Kelly Khan Kim Kowalczyk Kowalski Kraus Krüger Kumar Le_Goff Lee Lefèvre Lewandowski Li Lindqvist López
Łuczak MacDonald Mahmoud Malhotra Marsh Martin Martínez Mbeki McCarthy Mehta Meyer Miller Moreau Müller Murphy Nakamura
Ndiaye Nguyễn Nielsen Novák Núñez O’Brien O’Connor O’Neill Ødegård Okafor Okonkwo-Hart Olsen Ortiz Østergaard Osei
Owusu Özdemir Papadopoulos Park Patel Pérez Petrović Phạm Popescu Quiñones Rahman Ramírez Reyes Rivera Robinson
Rodríguez Romanov Rossi Ruiz Ryan Şahin Saint-Pierre Salazar Sánchez Santos Sato Schäfer Schmidt Schröder Shah
Sharma Silva Singh Smith Sørensen Šimková Suárez Suzuki Tanaka Taylor Thornbury Torres Tran Turner Ueda Vanterpool
Van_den_Berg Vargas Vásquez Vega Verma Walker Wang Weiß Williams Wilson Wiśniewski Wong Wright Xu Yıldız Young
Zając Zhang Żeromski Zimmermann Иванова الزهراء 田中
""".split()
# Of North America; the exchange 555 reaches nobody.
AREAS = "201 206 212 213 240 301 303 305 312 347 404 415 512 516 602 617 646 702 713 718 808 845 914 917 929".split()
TYPED = ("({0}) 555-{1}", "{0} 555 {1}", "{0}-555-{1}", "{0}.555.{1}", "+1 {0} 555 {1}", "{0}555{1}")
HOSTS = ("example.com", "example.net", "example.org")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    # As it was typed, and as digits with the country's.
    phone: str
    digits: str
    email: str


def somebody(chance: Random) -> Person:
    """One person; every eighth has two family names, every sixth two given names or a letter between."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    draw = chance.random()
    if draw < 0.08:
        first = f"{first} {chance.choice(FIRST_NAMES)}"
    elif draw < 0.16:
        first = f"{first} {chance.choice('ABCDEFGHJKLMNPRSTW')}."
    elif draw < 0.24:
        last = f"{last}-{chance.choice(LAST_NAMES)}"
    elif draw < 0.28:
        last = f"{last} {chance.choice(LAST_NAMES)}"
    area, number = chance.choice(AREAS), f"{chance.randrange(10_000):04}"
    typed = chance.choice(TYPED).format(area, number)
    letters = ".".join(re.findall("[a-z]+", search.normalize(f"{first} {last}"))) or "patient"
    email = f"{letters}{chance.randrange(1000)}@{chance.choice(HOSTS)}"
    return Person(f"{first} {last}".replace("_", " "), typed, f"1{area}555{number}", email)
