"""Where a webhook may go, and how long it is tried: no network here."""

from datetime import UTC, datetime, timedelta

import pytest

from app.webhooks.regles import DELAIS, PATIENCE, a_desactiver, prochain_essai
from app.webhooks.regles_url import UrlInterdite, lire_url, permise

PUBLIQUES = ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a01:e0a::1"]
INTERDITES = [
    *(
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
    ),
    *(
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
    ),
    *(
        "198.51.100.1",
        "203.0.113.1",
        "192.88.99.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
    ),
    *(
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
    ),
    *(
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "3fff::1",
        "100::1",
        "5f00::1",
        "::ffff:127.0.0.1",
    ),
    *(
        "::ffff:93.184.216.34",
        "::127.0.0.1",
        "::93.184.216.34",
        "64:ff9b::7f00:1",
        "64:ff9b::5db8:d822",
    ),
    *(
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:5db8:d822::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ),
    *(
        "2001:20::1",
        "2001:10::1",
        "2620:4f:8000::1",
        "4000::1",
        "a::1",
        "localhost",
        "2130706433",
    ),
    *(
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "x",
    ),
]
URLS_INTERDITES = [
    "http://exemple.fr/",
    "ftp://exemple.fr/",
    "https://exemple.fr:8080/",
    "https://exemple.fr:22/",
    "https://exemple.fr:0/",
    "https://exemple.fr:99999/",
    "https://u:p@exemple.fr/",
    "https://u@exemple.fr/",
    "https://exemple.fr/#x",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://93.184.216.34/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://[::ffff:127.0.0.1]/",
    "https://exemple/",
    "https://exemple.localhost/",
    "https://service.internal/",
    "https://imprimante.local/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://exemple.fr\\@127.0.0.1/",
    "https://exemple.fr/ x",
    "https://exemple.fr/\n",
    "https://exemple.fr/é",
    "https://exem\u3002ple.fr/",
    "https://ⓔxemple.fr/",
    "https:///chemin",
    "https://",
    "//exemple.fr",
    "exemple.fr",
    "",
    "https://exemple.fr/" + "a" * 500,
    "https://[::1",
    "https://-exemple.fr/",
    "https://exem_ple.fr/",
    "file:///etc/passwd",
    "gopher://exemple.fr/",
]


@pytest.mark.parametrize("adresse", PUBLIQUES)
def test_une_adresse_publique_est_permise(adresse):
    assert permise(adresse, boucle=False)


@pytest.mark.parametrize("adresse", INTERDITES)
def test_une_adresse_qui_n_est_pas_publique_est_interdite(adresse):
    assert not permise(adresse, boucle=False)
    assert permise(adresse, boucle=True) is (adresse in {"127.0.0.1", "127.8.9.1", "::1"})


@pytest.mark.parametrize("url", URLS_INTERDITES, ids=ascii)
def test_une_url_qui_n_est_pas_publique_est_interdite(url):
    with pytest.raises(UrlInterdite):
        lire_url(url, boucle=False)


@pytest.mark.parametrize(
    ("url", "attendu"),
    [
        ("https://exemple.fr", ("https", "exemple.fr", 443, "/", "exemple.fr")),
        ("https://EXEMPLE.fr:8443/a?b=c", ("https", "exemple.fr", 8443, "/a?b=c", "exemple.fr:8443")),
        ("https://a.b-c.exemple.fr:443/x", ("https", "a.b-c.exemple.fr", 443, "/x", "a.b-c.exemple.fr")),
        ("https://xn--caf-dma.fr/", ("https", "xn--caf-dma.fr", 443, "/", "xn--caf-dma.fr")),
    ],
)
def test_une_url_publique_se_lit(url, attendu):
    cible = lire_url(url, boucle=False)
    assert (cible.schema, cible.hote, cible.port, cible.chemin, cible.autorite) == attendu


def test_le_reglage_de_developpement_ouvre_la_boucle_et_http_seulement():
    for url in ("http://127.0.0.1:9000/x", "http://localhost/", "https://[::1]:4430/", "http://exemple.fr/"):
        assert lire_url(url, boucle=True)
    for url in ("http://192.168.1.1/", "http://u@127.0.0.1/", "ftp://127.0.0.1/", "http://10.0.0.1/"):
        with pytest.raises(UrlInterdite):
            lire_url(url, boucle=True)


def test_le_premier_nouvel_essai_vient_dans_les_trente_secondes_et_le_dernier_apres_trois_jours():
    assert DELAIS[0] <= timedelta(seconds=30)
    assert list(DELAIS) == sorted(DELAIS)
    assert PATIENCE <= sum(DELAIS, timedelta()) <= PATIENCE + timedelta(hours=6)
    assert [prochain_essai(n) for n in (1, len(DELAIS), len(DELAIS) + 1)] == [DELAIS[0], DELAIS[-1], None]


def test_un_webhook_est_arrete_apres_trois_jours_d_echec_ou_quand_il_n_est_plus_la():
    depuis = datetime(2026, 1, 5, tzinfo=UTC)
    assert not a_desactiver(depuis, depuis + PATIENCE - timedelta(seconds=1), 500)
    assert a_desactiver(depuis, depuis + PATIENCE, None)
    assert a_desactiver(depuis, depuis, 410)
