export type Language = "fr" | "en";

const WORDS = {
  title: ["Une application d'exemple", "An example application"],
  intro: [
    "Elle cherche au registre, reconnaît qui vous êtes et annonce un groupe, depuis votre navigateur.",
    "It searches the register, learns who you are and makes a group known, from your browser.",
  ],
  other_language: ["English", "Français"],
  sign_in: ["Se connecter", "Sign in"],
  sign_out: ["Se déconnecter", "Sign out"],
  refresh: ["Renouveler le jeton", "Renew the token"],
  who: ["Qui vous êtes", "Who you are"],
  roles: ["Rôles", "Roles"],
  rights: ["Droits", "Rights"],
  organisation: ["Organisation", "Organisation"],
  register: ["Le registre", "The register"],
  search: ["Chercher", "Search"],
  search_label: ["Nom d'une coopérative", "Name of a cooperative"],
  nothing: ["Aucune coopérative ne porte ce nom.", "No cooperative has this name."],
  initiative: ["Annoncer un groupe", "Make a group known"],
  initiative_name: ["Nom du groupe", "Name of the group"],
  introduce: ["Annoncer", "Make it known"],
  address: ["Adresse", "Address"],
  version: ["Version (ETag)", "Version (ETag)"],
  answer: ["La dernière réponse", "The last answer"],
  status: ["Statut", "Status"],
  remaining: ["Il reste", "Remaining"],
  policy: ["Limites", "Limits"],
  request_id: ["Numéro de la demande", "Request id"],
  doing: ["Un instant…", "One moment…"],
  renewed: ["Le jeton est renouvelé.", "The token is renewed."],
  away: [
    "La plateforme ne répond pas, ou n'autorise pas cette page.",
    "The platform does not answer, or does not allow this page.",
  ],
  not_signed_in: ["La connexion n'a pas abouti", "Signing in did not work"],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof WORDS;

export function say(language: Language, word: Word): string {
  return WORDS[word][language === "fr" ? 0 : 1];
}

export function preferred(): Language {
  return navigator.languages.find((tag) => /^(fr|en)\b/.test(tag))?.startsWith("en") ? "en" : "fr";
}
