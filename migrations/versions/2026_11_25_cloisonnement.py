"""Cloisonnement: the application's role, row-level security, the numbered and chained logs.

The application connects as `ep_application`, which owns nothing and cannot bypass the policies. Each
transaction says on whose behalf it runs (`ep.portee`, `ep.acteur`, `ep.partenaire`, `ep.caisses`); one
that says nothing sees nothing.
"""

from alembic import op

revision = "0002_cloisonnement"
down_revision = "0001_fondations"
branch_labels = None
depends_on = None

ROLE = """
DO $$ BEGIN
    CREATE ROLE ep_application LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT ep_application TO %I', current_user);
    END IF;
END $$;
"""

# What the transaction said. An empty setting and an absent one are the same: nothing.
CONTEXT = """
CREATE FUNCTION ep_portee() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('ep.portee', true), '');
CREATE FUNCTION ep_acteur() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('ep.acteur', true), '')::uuid;
CREATE FUNCTION ep_partenaire() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('ep.partenaire', true), '')::uuid;
CREATE FUNCTION ep_caisses() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(nullif(current_setting('ep.caisses', true), ''), ',');
"""

# The few facts that cross the walls, each one value and no row.
CROSSINGS = """
CREATE FUNCTION ep_nom_affiche(id_ uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT prenom || ' ' || upper(nom) FROM public.comptes WHERE id = id_
    UNION ALL SELECT client_name FROM public.applications WHERE id = id_ LIMIT 1 $$;
CREATE FUNCTION ep_comptes_ouverts(partenaire uuid, role_ text) RETURNS integer LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT count(*)::integer FROM public.comptes
    WHERE partenaire_id = partenaire AND role = role_ AND statut <> 'inactif' $$;
CREATE FUNCTION ep_partenaire_existe(id_ uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM public.partenaires WHERE id = id_) $$;
CREATE FUNCTION ep_partenaire_par_siret(siret_ text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT id FROM public.partenaires WHERE siret = siret_ $$;
CREATE FUNCTION ep_partenaire_de_la_caisse(id_ uuid, caisse_ text) RETURNS boolean LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM public.partenaires WHERE id = id_ AND caisse_creatrice = caisse_)
        OR EXISTS (SELECT 1 FROM public.conventions WHERE partenaire_id = id_ AND caisse = caisse_
            AND signee_partenaire_le IS NOT NULL AND signee_caisse_le IS NOT NULL) $$;
"""

# Numbers follow the order of the commits: the lock is held from the number to the commit.
LOGS = """
CREATE SEQUENCE evenements_numero_seq;
CREATE SEQUENCE journal_numero_seq;
CREATE FUNCTION ep_numeroter_evenement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(72617);
    NEW.numero := nextval('public.evenements_numero_seq');
    RETURN NEW;
END $$;
CREATE FUNCTION ep_empreinte(l public.journal) RETURNS text LANGUAGE sql STABLE
    SET search_path = pg_catalog, public AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        l.numero, l.chaine, extract(epoch FROM l.le)::bigint, l.acteur_id, l.role, l.action, l.ressource,
        l.ressource_id, l.caisse, l.partenaire_id, l.precedente)::text, 'UTF8')), 'hex') $$;
CREATE FUNCTION ep_chainer_journal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(72617);
    NEW.numero := nextval('public.journal_numero_seq');
    SELECT j.empreinte INTO NEW.precedente FROM public.journal j
        WHERE j.chaine = NEW.chaine ORDER BY j.numero DESC LIMIT 1;
    NEW.empreinte := ep_empreinte(NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER numeroter BEFORE INSERT ON evenements FOR EACH ROW EXECUTE FUNCTION ep_numeroter_evenement();
CREATE TRIGGER chainer BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION ep_chainer_journal();
"""

SYSTEME, CAISSE, PARTENAIRE, NATIONAL = (
    f"ep_portee() = '{portee}'" for portee in ("systeme", "caisse", "partenaire", "national")
)
SA_CAISSE = "caisse = ANY (ep_caisses())"
SA_STRUCTURE = "partenaire_id = ep_partenaire()"
# A CASE counts for half in the planner's estimates, an OR of calls for a hundredth: with it, a deep page of a long
# history was taken for its end, read whole and sorted.
SES_DEMANDES = (
    f"CASE ep_portee() WHEN 'systeme' THEN true WHEN 'caisse' THEN {SA_CAISSE}"
    f" WHEN 'partenaire' THEN {SA_STRUCTURE} AND {SA_CAISSE} ELSE false END"
)
DE_LA_DEMANDE = "EXISTS (SELECT 1 FROM demandes d WHERE d.id = demande_id)"  # under the policy of demandes
SA_LIGNE = f"{SYSTEME} OR ({CAISSE} AND {SA_CAISSE}) OR ({PARTENAIRE} AND {SA_STRUCTURE})"
ADMINISTRE = f"{SYSTEME} OR {NATIONAL} OR ({CAISSE} AND {{}} = ANY (ep_caisses()))"

# table: (who reads, who writes)
POLICIES = {
    "caisses": ("ep_portee() <> ''", ADMINISTRE.format("code")),
    "reglages_caisses": ("ep_portee() <> ''", ADMINISTRE.format("caisse")),
    "partenaires": (
        f"{SYSTEME} OR ({PARTENAIRE} AND id = ep_partenaire()) OR ({CAISSE} AND"
        " (caisse_creatrice = ANY (ep_caisses()) OR EXISTS (SELECT 1 FROM conventions c"
        " WHERE c.partenaire_id = partenaires.id AND c.caisse = ANY (ep_caisses())"
        " AND c.signee_partenaire_le IS NOT NULL AND c.signee_caisse_le IS NOT NULL)))",
        f"{SYSTEME} OR ({CAISSE} AND (caisse_creatrice = ANY (ep_caisses()) OR EXISTS (SELECT 1 FROM conventions c"
        " WHERE c.partenaire_id = partenaires.id AND c.caisse = ANY (ep_caisses())"
        " AND c.signee_partenaire_le IS NOT NULL AND c.signee_caisse_le IS NOT NULL)))",
    ),
    "conventions": (SA_LIGNE, f"{SYSTEME} OR ({CAISSE} AND {SA_CAISSE})"),
    "reglages_conventions": (
        "EXISTS (SELECT 1 FROM conventions c WHERE c.id = convention_id)",
        f"NOT {PARTENAIRE} AND EXISTS (SELECT 1 FROM conventions c WHERE c.id = convention_id)",
    ),
    "comptes": (
        f"{SYSTEME} OR id = ep_acteur() OR ({PARTENAIRE} AND {SA_STRUCTURE}) OR ({CAISSE} AND ({SA_CAISSE} OR"
        " EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id)))"
        f" OR ({NATIONAL} AND partenaire_id IS NULL)",
    )
    * 2,
    "liens": (f"{SYSTEME} OR compte_id = ep_acteur()",) * 2,
    "applications": (f"{SYSTEME} OR {NATIONAL} OR ({CAISSE} AND {SA_CAISSE})", f"{SYSTEME} OR {NATIONAL}"),
    "familles_jetons": (
        f"{SYSTEME} OR compte_id = ep_acteur()"
        " OR EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id)",
        SYSTEME,
    ),
    "jetons_rafraichissement": (SYSTEME,) * 2,
    "cles_signature": (SYSTEME,) * 2,
    "echecs_connexion": (SYSTEME,) * 2,
    "cles_idempotence": (f"{SYSTEME} OR acteur_id = ep_acteur()",) * 2,
    "demandes": (SES_DEMANDES,) * 2,
    "messages": (DE_LA_DEMANDE,) * 2,
    "signalements": (DE_LA_DEMANDE,) * 2,
}
# Append-only: read in one's own part, written by all, changed by none.
APPEND_ONLY = {
    "evenements": f"{SA_LIGNE} OR ({NATIONAL} AND partenaire_id IS NULL)",
    "journal": f"{SA_LIGNE} OR ({NATIONAL} AND partenaire_id IS NULL)",
}
FUNCTIONS = [
    "ep_chainer_journal()",
    "ep_numeroter_evenement()",
    "ep_empreinte(journal)",
    "ep_partenaire_de_la_caisse(uuid,text)",
    "ep_partenaire_par_siret(text)",
    "ep_partenaire_existe(uuid)",
    "ep_comptes_ouverts(uuid,text)",
    "ep_nom_affiche(uuid)",
    "ep_caisses()",
    "ep_partenaire()",
    "ep_acteur()",
    "ep_portee()",
]


def close(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")


def upgrade() -> None:
    for sql in (ROLE, CONTEXT, CROSSINGS, LOGS):
        op.execute(sql)
    for table, (reads, writes) in POLICIES.items():
        close(table)
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({reads})")
        op.execute(f"CREATE POLICY inserer ON {table} FOR INSERT TO ep_application WITH CHECK ({writes})")
        op.execute(
            f"CREATE POLICY modifier ON {table} FOR UPDATE TO ep_application USING ({writes}) WITH CHECK ({writes})"
        )
        op.execute(f"CREATE POLICY effacer ON {table} FOR DELETE TO ep_application USING ({writes})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")
    for table, reads in APPEND_ONLY.items():
        close(table)
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({reads})")
        op.execute(
            f"CREATE POLICY inscrire ON {table} FOR INSERT TO ep_application WITH CHECK (ep_portee() <> '')"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO ep_application")
    op.execute("GRANT SELECT, INSERT ON versions_cgu TO ep_application")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ep_application")


def downgrade() -> None:
    for table in (*POLICIES, *APPEND_ONLY):
        for policy in ("proprietaire", "lire", "inserer", "modifier", "effacer", "inscrire"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM ep_application")
    op.execute("REVOKE ALL ON versions_cgu FROM ep_application")
    op.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM ep_application")
    op.execute("DROP TRIGGER numeroter ON evenements")
    op.execute("DROP TRIGGER chainer ON journal")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP SEQUENCE evenements_numero_seq")
    op.execute("DROP SEQUENCE journal_numero_seq")
    # The role is the cluster's, and other databases may use it: it stays, and owns nothing.
