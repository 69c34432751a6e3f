"""Load the territory: vintages of APL, imports and their reports, communes that can be searched.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import aap.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accessibilities",
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=80), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accessibilities")),
        sa.UniqueConstraint("dataset", "valid_on", name=op.f("uq_accessibilities_dataset_valid_on")),
    )
    op.create_table(
        "intercommunalities",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_intercommunalities")),
    )
    op.create_table(
        "territory_imports",
        sa.Column(
            "kind",
            sa.Enum(
                "communes",
                "zoning",
                "accessibility",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "loaded",
                "replaced",
                "refused",
                name="importoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("dataset", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("vintage", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("at", aap.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'refused') = (reason IS NOT NULL)", name=op.f("ck_territory_imports_refused_has_a_reason")
        ),
        sa.CheckConstraint("outcome <> 'refused' OR kept = 0", name=op.f("ck_territory_imports_refused_keeps_nothing")),
        sa.CheckConstraint(
            "read >= 0 AND kept >= 0 AND unmatched >= 0", name=op.f("ck_territory_imports_counts_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_imports")),
    )
    with op.batch_alter_table("territory_imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_territory_imports_at"), ["at"], unique=False)

    op.create_table(
        "territory_import_lines",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(length=120), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=120), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("unmatched", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["territory_imports.id"],
            name=op.f("fk_territory_import_lines_import_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_import_lines")),
        sa.UniqueConstraint("import_id", "position", name=op.f("uq_territory_import_lines_import_id_position")),
    )
    op.create_table(
        "accessibility_figures",
        sa.Column("accessibility_id", sa.Uuid(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("apl", aap.db.Exact(), nullable=False),
        sa.Column("population", aap.db.Exact(), nullable=True),
        sa.CheckConstraint("CAST(apl AS NUMERIC) >= 0", name=op.f("ck_accessibility_figures_apl_not_negative")),
        sa.ForeignKeyConstraint(
            ["accessibility_id"],
            ["accessibilities.id"],
            name=op.f("fk_accessibility_figures_accessibility_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["communes.code"], name=op.f("fk_accessibility_figures_commune_code"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("accessibility_id", "commune_code", name=op.f("pk_accessibility_figures")),
    )
    op.create_table(
        "commune_postcodes",
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["communes.code"], name=op.f("fk_commune_postcodes_commune_code"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("postcode", "commune_code", name=op.f("pk_commune_postcodes")),
    )
    op.create_table(
        "former_communes",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["communes.code"], name=op.f("fk_former_communes_commune_code"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_former_communes")),
    )
    with op.batch_alter_table("former_communes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_communes_commune_code"), ["commune_code"], unique=False)

    with op.batch_alter_table("call_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accessibility_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_call_versions_accessibility_id"), ["accessibility_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_call_versions_accessibility_id"),
            "accessibilities",
            ["accessibility_id"],
            ["id"],
            ondelete="RESTRICT",
        )

    with op.batch_alter_table("communes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sought_name", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("population", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("divided", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("parent_code", sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column("intercommunality_code", sa.String(length=9), nullable=True))
        batch_op.add_column(sa.Column("paris_territory_code", sa.String(length=9), nullable=True))
        batch_op.create_index(batch_op.f("ix_communes_intercommunality_code"), ["intercommunality_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_communes_parent_code"), ["parent_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_communes_paris_territory_code"), ["paris_territory_code"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_communes_paris_territory_code"),
            "intercommunalities",
            ["paris_territory_code"],
            ["code"],
            ondelete="RESTRICT",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_communes_parent_code"), "communes", ["parent_code"], ["code"], ondelete="RESTRICT"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_communes_intercommunality_code"),
            "intercommunalities",
            ["intercommunality_code"],
            ["code"],
            ondelete="RESTRICT",
        )

    with op.batch_alter_table("communes", schema=None) as batch_op:
        for name, kind in (
            ("sought_name", sa.String(length=200)),
            ("divided", sa.Boolean()),
            ("offered", sa.Boolean()),
        ):
            batch_op.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
        batch_op.create_check_constraint(
            op.f("ck_communes_arrondissement_is_not_divided"), "parent_code IS NULL OR NOT divided"
        )
        batch_op.create_check_constraint(
            op.f("ck_communes_population_not_negative"), "population IS NULL OR population >= 0"
        )

    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.alter_column("region_code", existing_type=sa.VARCHAR(length=3), nullable=True)

    _make_searchable()

    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(sa.Column("apl", aap.db.Exact(), nullable=True))
        batch_op.add_column(sa.Column("accessibility_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_sites_accessibility_id"),
            "accessibilities",
            ["accessibility_id"],
            ["id"],
            ondelete="RESTRICT",
        )


_LISTED = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _make_searchable() -> None:
    """Spell the names of the communes already there as searches compare them, and give their postcodes rows."""
    communes = sa.table(
        "communes", sa.column("code"), sa.column("name"), sa.column("postcodes", _LISTED), sa.column("sought_name")
    )
    postcodes = sa.table("commune_postcodes", sa.column("postcode"), sa.column("commune_code"))
    connection = op.get_bind()
    for code, name, listed in connection.execute(
        sa.select(communes.c.code, communes.c.name, communes.c.postcodes)
    ).all():
        plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
        words = re.sub(r"[^a-z0-9]+", " ", plain.replace("œ", "oe")).strip()
        connection.execute(communes.update().where(communes.c.code == code).values(sought_name=f" {words} "))
        for postcode in sorted(set(listed)):
            connection.execute(postcodes.insert().values(postcode=postcode, commune_code=code))


def downgrade() -> None:
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sites_accessibility_id"), type_="foreignkey")
        batch_op.drop_column("accessibility_id")
        batch_op.drop_column("apl")

    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.alter_column("region_code", existing_type=sa.VARCHAR(length=3), nullable=False)

    with op.batch_alter_table("communes", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_communes_arrondissement_is_not_divided"), type_="check")
        batch_op.drop_constraint(op.f("ck_communes_population_not_negative"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_communes_intercommunality_code"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_communes_parent_code"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_communes_paris_territory_code"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_communes_paris_territory_code"))
        batch_op.drop_index(batch_op.f("ix_communes_parent_code"))
        batch_op.drop_index(batch_op.f("ix_communes_intercommunality_code"))
        batch_op.drop_column("paris_territory_code")
        batch_op.drop_column("intercommunality_code")
        batch_op.drop_column("parent_code")
        batch_op.drop_column("offered")
        batch_op.drop_column("divided")
        batch_op.drop_column("population")
        batch_op.drop_column("sought_name")

    with op.batch_alter_table("call_versions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_call_versions_accessibility_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_call_versions_accessibility_id"))
        batch_op.drop_column("accessibility_id")

    with op.batch_alter_table("former_communes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_communes_commune_code"))

    op.drop_table("former_communes")
    op.drop_table("commune_postcodes")
    op.drop_table("accessibility_figures")
    op.drop_table("territory_import_lines")
    with op.batch_alter_table("territory_imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_territory_imports_at"))

    op.drop_table("territory_imports")
    op.drop_table("intercommunalities")
    op.drop_table("accessibilities")
