"""Art. 5: a person is erased while both sides still write about her: whoever comes second leaves nothing."""

from functools import partial

import pytest

from tests.outils import un_signalement
from tests.serveur.machines import cle, ensemble


@pytest.mark.regle("5-5")
def test_on_efface_pendant_qu_on_ecrit_et_il_ne_reste_rien(serveur):
    technicien, agent, collegue = (serveur.client(nom) for nom in ("t-cias", "a-orne", "a-orne-2"))
    for tour in "abcd":
        nom = f"Kzquelconque{tour}"
        corps = un_signalement(caisse="611", commentaire=f"Madame {nom} attend.", doublon_confirme=True)
        corps["assure"] |= {"nom": nom}
        personne = {champ: corps["assure"][champ] for champ in ("nom", "prenom", "date_naissance")}
        cles = [cle() for _ in range(3)]
        ids = [technicien.post("/v1/signalements", corps, Idempotency_Key=c).json()["id"] for c in cles]
        effacement = personne | {"motif": "Demande reçue par courrier."}
        ecrits = [(qui, id_) for qui in (technicien, agent) for id_ in ids]
        ensemble(
            [
                partial(
                    qui.post, f"/v1/demandes/{id_}/messages", {"texte": f"Pour {nom}."}, Idempotency_Key=cle()
                )
                for qui, id_ in ecrits
            ]
        )
        reponses = ensemble(
            [
                *(partial(qui.post, "/v1/assures/effacement", effacement) for qui in (agent, collegue)),
                *(
                    partial(qui.post, f"/v1/demandes/{id_}/messages", {"texte": f"{nom} encore."})
                    for qui, id_ in ecrits
                ),
                partial(collegue.post, "/v1/assures/export", personne),
            ]
        )
        assert sorted(r.status_code for r in reponses[:2]) == [200, 404], [r.text for r in reponses[:2]]
        assert {r.status_code for r in reponses[2:-1]} <= {200, 409}
        assert reponses[-1].status_code in {200, 404}
        for id_ in ids:
            lue = agent.get(f"/v1/demandes/{id_}")
            assert (lue.json()["assure"], lue.json()["issue"]) == (None, "sans_suite")
            assert nom not in lue.text
        assert agent.post("/v1/assures/recherche", personne).json()["donnees"] == []
        rejouees = [technicien.post("/v1/signalements", corps, Idempotency_Key=c) for c in cles]
        assert {r.status_code for r in rejouees} == {404}
