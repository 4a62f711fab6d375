"""A name is found whoever spelt it, and not every name is found."""

from datetime import date

import pytest

from app.demandes.phonetique import son, sons
from app.rgpd.regles import inversee, nomme

PAREILS = """
    Lefèvre / Lefebvre, Dupont / Dupond, Le Goff / Legoff, Philippe / Filip, Gérard / Jérard,
    François / Fransois, Thierry / Tierri, Quentin / Kentin, Mohamed / Mohammed,
    Martin-Dupont / Martin, Hélène / Elène, Renault / Renaud, Schmitt / Chmit, Georges / Jorge,
    Camblain / Canblin, Michèle / Michel, Boucher / Bouchez, Marquet / Marqué,
    Tisserand / Ticerand, Lacroix / Lacrois, Yves / Ives, Renault / Reno, Guy / Gui,
    Wagner / Vagner, Œuvrard / Euvrard, D'Hondt / Dont, O'Neil / Oneill, de La Tour / Delatour
"""
DIFFERENTS = """
    Bertin / Martin, Durand / Dupont, de la Tour / de la Croix, Petit / Grand, Le Goff / Le Bihan,
    Moreau / Morel, Robert / Roger, Garcia / Gomez
"""


def paires(table: str) -> list[list[str]]:
    return [paire.strip().split(" / ") for paire in table.replace("\n", " ").split(",")]


@pytest.mark.parametrize(("un", "autre"), paires(PAREILS))
def test_deux_graphies_d_un_nom_se_rencontrent(un, autre):
    assert sons(un) & sons(autre), (sons(un), sons(autre))


@pytest.mark.parametrize(("un", "autre"), paires(DIFFERENTS))
def test_deux_noms_qui_ne_sonnent_pas_de_meme_ne_se_rencontrent_pas(un, autre):
    assert not sons(un) & sons(autre), (sons(un), sons(autre))


def test_un_son_n_est_jamais_vide_et_un_nom_sans_lettre_n_en_a_pas():
    assert all(son(mot) for mot in ("a", "e", "es", "te", "x", "h", "sts", "oe", "ee"))
    assert sons("-") == sons("'") == frozenset()


@pytest.mark.parametrize(
    ("naissance", "autre"),
    [("1957-03-08", "1957-08-03"), ("1957-03-03", None), ("1957-03-13", None), ("2000-02-12", "2000-12-02")],
)
def test_une_date_dont_le_jour_et_le_mois_s_echangent(naissance, autre):
    assert inversee(date.fromisoformat(naissance)) == (date.fromisoformat(autre) if autre else None)


def test_un_motif_qui_nomme_la_personne_se_reconnait():
    assert nomme("À la demande de Mme LEFEVRE", "Lefèvre", "Jeanne")
    assert nomme("Jeanne le demande", "Lefèvre", "Jeanne")
    assert not nomme("La personne le demande par courrier", "Le", "La")
    assert not nomme("Demande reçue au guichet", "Lefèvre", "Jeanne")
