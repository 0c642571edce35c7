/** Cuts whatever looks like a password, token or key out of lines that came from an instance, and out of the audit. Rather too much than too little. */

const CUT = '•••';

/** Words before a value that nobody else should read. */
const SECRET_NAME =
  '[\\w.-]*(?:passw(?:or)?d|passphrase|passwd|\\bpwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|credential|authorization|auth[_-]?key|session[_-]?id|cookie|otp)[\\w.-]*';

/** `password=…`, `"token": "…"`, `--api-key …`, `Authorization: Bearer …`: the value up to its end. */
const NAMED = new RegExp(
  `(${SECRET_NAME}["']?\\s*(?:[=:]+>?|\\bis\\b|\\s)\\s*(?:(?:bearer|basic|digest|token)\\s+)?)("(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|[^\\s"',;&)}\\]]+)`,
  'gi',
);
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
/** The password of an address: `postgres://user:…@db`. */
const IN_ADDRESS = /(:\/\/[^/\s:@]*:)[^\s/]+(?=@)/g;
/** What services give out: Slack, GitHub, GitLab, AWS, Stripe and the like, Google, JSON web tokens. */
const KNOWN =
  /\b(?:xox[a-z]-[\w-]+|xapp-[\w-]+|gh[a-z]_\w{16,}|github_pat_\w+|glpat-[\w-]+|A[KS]IA[A-Z0-9]{12,}|[srp]k[-_][\w-]{12,}|AIza[\w-]{20,}|eyJ[\w-]{4,}(?:\.[\w-]*){0,2})/g;
/** Anything long that mixes letters and digits: base64, hex. Ids of the form 8-4-4-4-12 and fingerprints of keys are no secrets. */
const LONG = /(?<![\w+/=-])(?<!\bSHA256:)(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=-]{32,}/gi;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The lines, each with its secrets cut out. Inside of a private key nothing is left; one may be cut off at either end. */
export function redact(lines: readonly string[]): string[] {
  let within = endsBeforeItBegins(lines);
  return lines.map((line) => {
    const begins = /-----BEGIN [A-Z ]*(?:PRIVATE KEY|OPENSSH)/.test(line);
    const ends = /-----END [A-Z ]*(?:PRIVATE KEY|OPENSSH)/.test(line);
    const isSecret = within || begins || ends;
    within = (within || begins) && !ends;
    return isSecret ? CUT : redactLine(line);
  });
}

/**
 * Whether a name is a secret that somebody typed in its place: what services give out, or a long word of letters and digits.
 * Names of several words with dashes between them may be as long as they like.
 */
export function isSecretName(name: string): boolean {
  return name.search(KNOWN) >= 0 || name.split(/[-/:.]/).some((word) => word.search(LONG) >= 0);
}

function redactLine(line: string): string {
  return line
    .replace(IN_ADDRESS, `$1${CUT}`)
    .replace(NAMED, `$1${CUT}`)
    .replace(BEARER, `$1 ${CUT}`)
    .replace(KNOWN, CUT)
    .replace(LONG, (word) => (UUID.test(word) || isPath(word) ? word : CUT));
}

/** Base64 has a slash in 64 signs, a path has more. */
function isPath(word: string): boolean {
  return word.split('/').length - 1 > word.length / 16;
}

/** The first lines may be the end of a key whose beginning is not among them. */
function endsBeforeItBegins(lines: readonly string[]): boolean {
  const first = lines.find((line) => /-----(?:BEGIN|END) [A-Z ]*PRIVATE KEY/.test(line));
  return first?.includes('-----END') === true;
}
