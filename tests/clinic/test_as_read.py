from clinic.as_read import AsRead
from procedures.models import Procedure


def test_two_are_equal_where_the_database_said_the_same_whatever_the_keys_are():
    procedure = Procedure(pk=1, name="Kyphoplasty")
    renamed = Procedure(pk=1, name="Vertebral augmentation")
    first, same, other = (
        AsRead(((1, "Kyphoplasty"),), [procedure]),
        AsRead(((1, "Kyphoplasty"),), [procedure]),
        AsRead(((1, "Vertebral augmentation"),), [renamed]),
    )

    assert procedure == renamed
    assert (first == same, hash(first) == hash(same), first == other) == (True, True, False)
    assert (list(first), len(first), first[-1:]) == ([procedure], 1, (procedure,))
