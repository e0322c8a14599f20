"""The words of the pages, French and English side by side."""

from chassis.catalogue import Language

_Pair = tuple[str, str]

WORDS: dict[str, _Pair] = {
    "other_language": ("English", "Français"),
    "tagline": ("Coopératives Productives Solidaires", "Coopératives Productives Solidaires"),
    # sign in
    "sign_in": ("Se connecter", "Sign in"),
    "sign_in_for": ("Pour continuer vers {client}", "To continue to {client}"),
    "username": ("Nom d'utilisateur", "Username"),
    "password": ("Mot de passe", "Password"),
    "forgotten": ("Mot de passe oublié ?", "Forgotten your password?"),
    "first_time": ("Vous avez reçu un code ?", "Have you been sent a code?"),
    "wrong": (
        "Ce nom et ce mot de passe ne vont pas ensemble. Après dix essais, l'accès reste fermé un"
        " quart d'heure, même avec le bon mot de passe.",
        "This name and this password do not go together. After ten attempts access stays closed"
        " for a quarter of an hour, even with the right password.",
    ),
    # second factor
    "second_factor": ("Deuxième vérification", "Second check"),
    "second_factor_why": (
        "Ouvrez votre application d'authentification et recopiez les six chiffres.",
        "Open your authenticator application and copy its six digits.",
    ),
    "code": ("Code", "Code"),
    "verify": ("Vérifier", "Verify"),
    "lost_phone": (
        "Téléphone perdu ? Saisissez ici l'un de vos codes de secours. S'il ne vous en reste pas,"
        " demandez à votre administrateur de réinitialiser la deuxième vérification.",
        "Lost your telephone? Type one of your recovery codes here. If you have none left, ask your"
        " administrator to reset the second check.",
    ),
    "wrong_code": (
        "Ce code n'est pas le bon, ou il a déjà servi. Attendez le suivant. Après dix essais,"
        " l'accès reste fermé un quart d'heure.",
        "This code is not the right one, or was used already. Wait for the next. After ten attempts"
        " access stays closed for a quarter of an hour.",
    ),
    "enrol": ("Protégez votre compte", "Protect your account"),
    "enrol_why": (
        "Votre rôle demande une deuxième vérification. Scannez ce carré avec une application"
        " d'authentification (FreeOTP, Aegis, Google Authenticator…).",
        "Your role asks for a second check. Scan this square with an authenticator application"
        " (FreeOTP, Aegis, Google Authenticator…).",
    ),
    "enrol_free": (
        "Scannez ce carré avec une application d'authentification (FreeOTP, Aegis, Google"
        " Authenticator…).",
        "Scan this square with an authenticator application (FreeOTP, Aegis, Google"
        " Authenticator…).",
    ),
    "enrol_type": ("Ou saisissez cette clé à la main :", "Or type this key by hand:"),
    "enrol_code": ("Le code que l'application affiche", "The code that the application shows"),
    "enrol_wrong": (
        "Ce code ne vient pas de cette clé, ou l'horloge du téléphone n'est pas à l'heure.",
        "This code does not come from this key, or the telephone's clock is wrong.",
    ),
    "activate": ("Activer", "Turn on"),
    "qr": ("Carré à scanner", "Square to scan"),
    "recovery": ("Vos codes de secours", "Your recovery codes"),
    "recovery_why": (
        "Chacun ouvre une fois à la place du téléphone. Notez-les sur papier, loin de lui : ils ne"
        " seront plus jamais affichés.",
        "Each opens once in place of the telephone. Write them on paper and keep it elsewhere: they"
        " will never be shown again.",
    ),
    "noted": ("Je les ai notés", "I have written them down"),
    # passwords
    "forgotten_title": ("Mot de passe oublié", "Forgotten password"),
    "forgotten_why": (
        "Donnez votre nom d'utilisateur ou votre adresse : nous y enverrons un code, bon une"
        " demi-heure.",
        "Give your username or your address: we will send a code there, good for half an hour.",
    ),
    "name_or_address": ("Nom d'utilisateur ou adresse", "Username or address"),
    "send_code": ("Envoyer un code", "Send a code"),
    "sent": ("Regardez votre courrier", "Look at your mail"),
    "sent_why": (
        "Si un compte porte ce nom ou cette adresse, un code vient d'y être envoyé. Rien reçu ?"
        " Attendez quelques minutes, regardez les indésirables, puis demandez à votre"
        " administrateur.",
        "If an account has this name or this address, a code was just sent there. Nothing came?"
        " Wait a few minutes, look at the unwanted mail, then ask your administrator.",
    ),
    "new_password_title": ("Choisissez un mot de passe", "Choose a password"),
    "new_password_why": (
        "Au moins {shortest} caractères ; une phrase que vous seul connaissez convient très bien.",
        "At least {shortest} characters; a sentence that only you know is very good.",
    ),
    "received_code": ("Le code reçu", "The code that you received"),
    "new_password": ("Nouveau mot de passe", "New password"),
    "again": ("Encore une fois", "Once more"),
    "set_password": ("Enregistrer", "Save"),
    "code_wrong": (
        "Ce code n'est pas bon : il a servi, il a été remplacé, ou son temps est passé.",
        "This code is not good: it was used, it was replaced, or its time is over.",
    ),
    "password_short": ("Moins de douze caractères : trop court.", "Fewer than twelve characters."),
    "password_long": ("Plus de deux cents caractères.", "More than two hundred characters."),
    "password_common": (
        "Trop facile à deviner : évitez votre nom, un lieu, une suite de touches.",
        "Too easy to guess: avoid your name, a place, a row of keys.",
    ),
    "password_differs": (
        "Les deux mots de passe ne sont pas les mêmes.",
        "The two passwords are not the same.",
    ),
    "password_wrong": (
        "Le mot de passe actuel n'est pas le bon. Rien n'a changé.",
        "The present password is not right. Nothing has changed.",
    ),
    "password_set": ("Mot de passe enregistré", "Password saved"),
    "password_set_why": (
        "Toutes les connexions ouvertes ont été fermées. Connectez-vous avec le nouveau.",
        "Every open sign-in was closed. Sign in with the new one.",
    ),
    # one's own account
    "account": ("Mon compte", "My account"),
    "account_name": ("Nom d'utilisateur : {username}", "Username: {username}"),
    "password_changed": (
        "Mot de passe changé. Tous les autres navigateurs ont été déconnectés.",
        "Password changed. Every other browser was signed out.",
    ),
    "current_password": ("Mot de passe actuel", "Present password"),
    "change_password": ("Changer le mot de passe", "Change the password"),
    "second_factor_on": (
        "Active. Il vous reste {left} code(s) de secours.",
        "On. You have {left} recovery code(s) left.",
    ),
    "second_factor_none": (
        "Non active. Avec elle, votre mot de passe seul n'ouvre plus rien.",
        "Off. With it, your password alone opens nothing any more.",
    ),
    "second_factor_off": (
        "La deuxième vérification n'est plus demandée.",
        "The second check is no longer asked for.",
    ),
    "must_have": (
        "Votre rôle demande une deuxième vérification.",
        "Your role asks for a second check.",
    ),
    "turn_on": ("Mettre en place", "Set up"),
    "turn_off": ("Désactiver", "Turn off"),
    "renew_paper": ("De nouveaux codes de secours", "New recovery codes"),
    "code_of_phone": ("Un code du téléphone", "A code of the telephone"),
    "replace_phone": ("Changer de téléphone", "Change the telephone"),
    "code_of_either": (
        "Un code de l'ancien téléphone, ou un code de secours",
        "A code of the old telephone, or a recovery code",
    ),
    "browsers": ("Navigateurs connectés", "Browsers signed in"),
    "unknown_browser": ("Navigateur inconnu", "Unknown browser"),
    "this_one": ("celui-ci", "this one"),
    "since": ("depuis le {day}", "since {day}"),
    "end_others": ("Déconnecter tous les autres", "Sign out all the others"),
    "applications": ("Applications autorisées", "Allowed applications"),
    "no_application": ("Aucune pour l'instant.", "None so far."),
    "application_of": ("{organisation}, le {day}", "{organisation}, {day}"),
    "may_do": ("Ce qu'elle peut faire", "What it may do"),
    "withdraw": ("Retirer", "Withdraw"),
    # consent
    "consent": ("Autoriser {client} ?", "Allow {client}?"),
    "consent_by": (
        "Application de {organisation}. Vous êtes {person}.",
        "An application of {organisation}. You are {person}.",
    ),
    "consent_will": (
        "Si vous acceptez, elle pourra, en votre nom :",
        "If you agree, it may, in your name:",
    ),
    "allow": ("Autoriser", "Allow"),
    "deny": ("Refuser", "Refuse"),
    "not_you": ("Ce n'est pas vous ?", "Not you?"),
    "consent_note": (
        "Votre choix est retenu ; vous pourrez le retirer à tout moment dans « Mon compte ».",
        "Your choice is remembered; you can withdraw it at any time under “My account”.",
    ),
    # sign out
    "sign_out": ("Se déconnecter", "Sign out"),
    "sign_out_question": ("Se déconnecter ?", "Sign out?"),
    "sign_out_why": (
        "Vous êtes {person}. Toutes les applications ouvertes dans ce navigateur par cette"
        " connexion seront fermées.",
        "You are {person}. Every application that you opened in this browser through this sign-in"
        " will be closed.",
    ),
    "stay": ("Rester connecté", "Stay signed in"),
    "signed_out": ("Vous êtes déconnecté", "You are signed out"),
    "signed_out_why": (
        "Personne n'est plus connecté dans ce navigateur. Vous pouvez fermer cette page.",
        "Nobody is signed in in this browser any more. You may close this page.",
    ),
    # what went wrong
    "stale": ("Cette page n'est plus valable", "This page is no longer valid"),
    "stale_why": (
        "Elle a été ouverte il y a trop longtemps, ou dans un autre navigateur. Rien n'a été fait."
        " Recommencez depuis l'application d'où vous veniez.",
        "It was opened too long ago, or in another browser. Nothing was done. Begin again from the"
        " application that you came from.",
    ),
    "bad_request": ("Cette demande ne peut pas aboutir", "This request cannot be answered"),
    "bad_request_why": (
        "L'application qui vous envoie ici ne s'est pas présentée correctement. Vous n'y êtes pour"
        " rien : prévenez ceux qui la tiennent.",
        "The application that sent you here did not introduce itself properly. It is not your"
        " doing: tell those who run it.",
    ),
    "for_developers": ("Pour les développeurs", "For developers"),
    "too_fast": ("Trop de demandes d'ici", "Too many requests from here"),
    "too_fast_why": (
        "Beaucoup de pages ont été demandées depuis votre réseau en peu de temps. Attendez une"
        " minute, puis rechargez cette page.",
        "Many pages were asked for from your network in a short time. Wait a minute, then reload"
        " this page.",
    ),
    "too_many": ("Trop d'essais d'ici", "Too many attempts from here"),
    "too_many_why": (
        "Trop de connexions ont échoué depuis votre réseau. Réessayez dans un quart d'heure.",
        "Too many sign-ins have failed from your network. Try again in a quarter of an hour.",
    ),
}

SCOPE_WORDS: dict[str, _Pair] = {
    "openid": ("savoir qui vous êtes", "know who you are"),
    "profile": (
        "connaître et modifier votre nom et votre langue",
        "know and change your name and language",
    ),
    "cooperatives:read": (
        "lire le registre au-delà de sa partie publique",
        "read the register beyond its public part",
    ),
    "cooperatives.members:read": (
        "lire les membres des coopératives, dans les limites de votre rôle",
        "read members of cooperatives, within the limits of your role",
    ),
    "filings:write": (
        "préparer, déposer et retirer des dossiers",
        "draft, submit and withdraw filings",
    ),
    "filings:review": ("instruire des dossiers", "review filings"),
    "filings:decide": ("approuver ou rejeter des dossiers", "approve or reject filings"),
    "filings:correct": ("corriger le registre d'office", "correct the register ex officio"),
    "training:read": (
        "lire sessions, inscriptions et attestations",
        "read sessions, enrolments and certificates",
    ),
    "training:enrol": ("inscrire à des formations", "enrol persons and delegations"),
    "training:manage": (
        "gérer programmes, sessions et agréments",
        "manage programmes, sessions and accreditations",
    ),
    "training:deliver": (
        "noter présences et évaluations",
        "record attendance and assessments",
    ),
    "financing:apply": (
        "demander un financement, comparer et accepter des offres",
        "apply for financing, compare and accept offers",
    ),
    "financing:review": ("instruire des demandes de financement", "review applications"),
    "financing:validate": (
        "décider de l'éligibilité et transmettre aux prêteurs",
        "decide on eligibility and transmit to lenders",
    ),
    "lender:read": ("lire les demandes confiées au prêteur", "read the lender's applications"),
    "lender:decide": ("décider pour le prêteur", "decide for the lender"),
    "lender:report": (
        "déclarer contrats, décaissements et remboursements",
        "report contracts, disbursements and repayments",
    ),
    "events:read": ("lire vos événements", "read your events"),
    "grants:manage": (
        "ouvrir le dossier de votre coopérative à d'autres applications, et le refermer",
        "open your cooperative's record to other applications, and close it again",
    ),
    "statistics:read": ("lire les statistiques détaillées", "read detailed statistics"),
    "organisation:manage": (
        "gérer les personnes et les machines de votre organisation",
        "manage the persons and machines of your organisation",
    ),
    "platform:admin": (
        "administrer organisations, personnes et applications",
        "administer organisations, persons and applications",
    ),
}


def scope_words(language: Language, scope: str) -> str:
    """What a scope lets an application do, as a person reads it."""
    french, english = SCOPE_WORDS[scope]
    return french if language == "fr" else english
