"""The sentences of Flask-Security in the words of our own pages.

The library ships a French catalogue, but it says « email », « veuillez » and « identité » where our labels say
« adresse électronique » and « mot de passe ». Sentences of what we do not offer (codes, passkeys…) are left out.
"""

from __future__ import annotations

_AUTHENTICATION = "L'adresse électronique ou le mot de passe ne convient pas. Vérifiez-les, puis réessayez."
_BROKEN_LINK = "Ce lien n'est plus valable ou n'a pas été copié en entier. Demandez-en un nouveau."

_SENTENCES = {
    "GENERIC_AUTHN_FAILED": (_AUTHENTICATION, "error"),
    "GENERIC_RECOVERY": (
        "Si un compte existe à cette adresse, nous venons d'y envoyer un lien pour choisir un nouveau mot de passe.",
        "info",
    ),
    "UNAUTHENTICATED": ("Connectez-vous pour voir cette page.", "error"),
    "UNAUTHORIZED": ("Votre compte ne donne pas accès à cette page.", "error"),
    "REAUTHENTICATION_REQUIRED": ("Saisissez de nouveau votre mot de passe pour continuer.", "error"),
    "REAUTHENTICATION_SUCCESSFUL": ("Mot de passe vérifié.", "info"),
    "CONFIRM_REGISTRATION": ("Courriel envoyé à %(email)s.", "success"),
    "EMAIL_CONFIRMED": ("Votre adresse est confirmée.", "success"),
    "ALREADY_CONFIRMED": ("Votre adresse est déjà confirmée.", "info"),
    "INVALID_CONFIRMATION_TOKEN": (_BROKEN_LINK, "error"),
    "CONFIRMATION_REQUIRED": ("Confirmez d'abord votre adresse, par le lien reçu en courriel.", "error"),
    "CONFIRMATION_REQUEST": (
        "Si un compte attend sa confirmation à l'adresse %(email)s, nous venons d'y envoyer un nouveau lien.",
        "info",
    ),
    "CONFIRMATION_EXPIRED": ("Ce lien de confirmation a expiré. Demandez-en un nouveau.", "error"),
    "EMAIL_ALREADY_ASSOCIATED": ("Un compte existe déjà à l'adresse %(email)s.", "error"),
    "EMAIL_NOT_PROVIDED": ("Indiquez votre adresse électronique.", "error"),
    "INVALID_EMAIL_ADDRESS": (
        "Cette adresse électronique n'est pas complète ou comporte une faute. Exemple : prenom.nom@structure.fr",
        "error",
    ),
    "USER_DOES_NOT_EXIST": (_AUTHENTICATION, "error"),
    "DISABLED_ACCOUNT": ("Ce compte est désactivé. Écrivez à l'agence pour le rouvrir.", "error"),
    "PASSWORD_NOT_PROVIDED": ("Indiquez un mot de passe.", "error"),
    "PASSWORD_INVALID_LENGTH": ("Le mot de passe doit compter au moins %(length)s caractères.", "error"),
    "PASSWORD_MISMATCH": ("Les deux mots de passe saisis sont différents.", "error"),
    "RETYPE_PASSWORD_MISMATCH": ("Les deux mots de passe saisis sont différents.", "error"),
    "PASSWORD_IS_THE_SAME": ("Choisissez un mot de passe différent du précédent.", "error"),
    "INVALID_PASSWORD": ("Ce mot de passe ne convient pas.", "error"),
    "PASSWORD_CHANGE": ("Votre mot de passe est changé.", "success"),
    "PASSWORD_RESET": ("Votre nouveau mot de passe est enregistré. Vous êtes connecté.", "success"),
    "PASSWORD_RESET_NO_LOGIN": ("Votre nouveau mot de passe est enregistré. Connectez-vous avec lui.", "success"),
    "PASSWORD_RESET_REQUEST": (
        "Si un compte existe à l'adresse %(email)s, un lien pour choisir un nouveau mot de passe vient d'y partir.",
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": ("Ce lien a expiré. Demandez-en un nouveau.", "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (_BROKEN_LINK, "error"),
    "ANONYMOUS_USER_REQUIRED": ("Vous êtes déjà connecté : cette page n'est utile qu'avant.", "error"),
    "LOGIN": ("Connectez-vous pour voir cette page.", "info"),
    "REFRESH": ("Saisissez de nouveau votre mot de passe pour continuer.", "info"),
}

ACCOUNT_SENTENCES: dict[str, tuple[str, str]] = {f"SECURITY_MSG_{name}": said for name, said in _SENTENCES.items()}
"""Configuration keys of Flask-Security to their sentence and its level, ready for `app.config.update`."""
