"""A connector: definitive admissions as the two CSV files from which Pégase takes those who may enrol. An example to copy.

    ADMIS_SUBSCRIBER=credentials.json python3 pegase.py settings.json DIRECTORY

Reads what is new, asks the REST API who each candidate is, and writes `candidats.csv` and `voeux.csv` anew, whole or not at
all. A connector that is killed goes on where it was. `settings.json`:

    {"api": "https://admissions.example.org/api/v1", "token_file": "token", "periode": "2026", "annee_concours": "2026",
     "voeux": {"L3": "the formation's code in Pégase"}, "nationalites": {"FR": "100"}}

The token is one that the school's staff make for this system, with `dossiers:read` and `admissions:read`. Which columns are
known from where, and which stay empty, is in the guide.
"""

import asyncio
import csv
import json
import os
import pathlib
import re
import sys
import urllib.error
import urllib.request

from subscriber import listen, opened

TABLES = """
create table if not exists admitted (dossier text primary key, filiere text not null, candidate text not null);
"""

CANDIDATES = [
    "numero_candidat", "sexe", "nom_famille", "nom_usuel", "prenom", "prenom2", "prenom3", "date_naissance",
    "code_pays_naissance", "code_commune_naissance", "libelle_commune_naissance", "code_nationalite", "ine",
    "adresse_code_pays", "adresse_ligne1_etage", "adresse_ligne2_batiment", "adresse_ligne3_voie",
    "adresse_ligne4_complement", "adresse_code_postal", "adresse_code_commune", "adresse_cp_ville_etranger",
    "numero_telephone1", "numero_telephone2", "courriel",
]  # fmt: skip
WISHES = [
    "numero_candidat", "origine_admission", "voie_admission", "annee_concours", "code_voeu", "code_periode",
    "code_formation_psup", "code_sise", "code_etablissement_affectation",
]  # fmt: skip


class Api:
    """The REST API, with this system's own token."""

    def __init__(self, settings, beside):
        self.base = settings["api"]
        self.token = (beside / settings["token_file"]).read_text().strip()

    def get(self, path):
        """An answer, or nothing where this school may not look."""
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in (403, 404):
                return None
            raise

    def candidate(self, dossier):
        """Who it is: all of it at the school of choice 1, number and names at the others."""
        whole = self.get(f"/dossiers/{dossier}")
        if whole:
            return {"number": whole["number"], **whole["identity"]}
        admission = self.get(f"/admissions/{dossier}")
        return admission["candidate"] if admission else None


def text(value):
    """As it can stand in a file without quotes."""
    return re.sub(r"[;\s]+", " ", value or "").strip()


def candidate_row(who, settings):
    names = text(who.get("first_names")).split(" ")
    year, month, day = (who.get("birth_date") or "--").split("-")
    return {
        "numero_candidat": who["number"],
        "nom_famille": text(who.get("family_name")),
        "prenom": names[0],
        "prenom2": " ".join(names[1:2]),
        "prenom3": " ".join(names[2:3]),
        "date_naissance": f"{day}/{month}/{year}" if year else "",
        "libelle_commune_naissance": text(who.get("birth_place")),
        "code_nationalite": settings["nationalites"].get(who.get("nationality"), ""),
        "adresse_ligne3_voie": text(who.get("postal_address")),
        "numero_telephone1": text(who.get("phone")),
        "courriel": text(who.get("email")),
    }


def wish_row(who, filiere, settings):
    return {
        "numero_candidat": who["number"],
        "annee_concours": settings["annee_concours"],
        # A filière that is not in the settings stops the connector: an admission is not left out in silence.
        "code_voeu": settings["voeux"][filiere],
        "code_periode": settings["periode"],
    }


def write(path, columns, rows):
    partial = path.with_suffix(".partial")
    with open(partial, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";", quoting=csv.QUOTE_NONE, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def main(settings_file, directory):
    settings = json.loads(settings_file.read_text())
    api = Api(settings, settings_file.parent)
    directory.mkdir(parents=True, exist_ok=True)
    db = opened(directory / "pegase.db", TABLES)

    def fetch(name, event):
        if name == "admitted":
            found = api.candidate(event["dossierId"])
            if not found:
                raise RuntimeError(f"dossier {event['dossierId']}: the token may not read it; see its scopes")
            return found

    def effect(db, name, event, candidate):
        if name == "admitted":
            row = (event["dossierId"], event["filiere"], json.dumps(candidate))
            db.execute("insert or replace into admitted values (?, ?, ?)", row)

    asyncio.run(listen(db, effect, fetch, catch_up=True))
    rows = db.execute("select filiere, candidate from admitted order by dossier").fetchall()
    admitted = [(filiere, json.loads(candidate)) for filiere, candidate in rows]
    write(directory / "candidats.csv", CANDIDATES, [candidate_row(who, settings) for _, who in admitted])
    write(directory / "voeux.csv", WISHES, [wish_row(who, filiere, settings) for filiere, who in admitted])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
