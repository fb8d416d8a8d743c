/** What `/statusz` tells of a component (`config.k8s.io` Statusz, without the envelope). */
export interface ComponentStatus {
  /** RFC 3339, in whole seconds. */
  readonly startTime: string;
  readonly uptimeSeconds: number;
  readonly goVersion: string;
  readonly binaryVersion: string;
  readonly emulationVersion: string;
  /** First parts of the paths that help in finding faults. */
  readonly paths: readonly string[];
}

const WARNING = 'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';
/** These are for programs. */
const NOT_FOR_DEBUGGING: ReadonlySet<string> = new Set(['/apis', '/api', '/openid', '/openapi', '/.well-known']);
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The page of `/statusz` for people. Kubernetes takes one of four delimiters at random, so that nobody parses it; here it is always the colon. */
export function statuszText(component: string, status: ComponentStatus): string {
  return `
${component} statusz
${WARNING}

Started: ${unixDate(new Date(status.startTime))}
Up: ${uptime(status.uptimeSeconds)}
Go version: ${status.goVersion}
Binary version: ${status.binaryVersion}
Emulation version: ${status.emulationVersion}
Paths: ${status.paths.join(' ')}
`;
}

/** The page of `/flagz` for people: the flags by name. */
export function flagzText(component: string, flags: Readonly<Record<string, string>>): string {
  const lines = Object.entries(flags).map(([name, value]) => `${name}=${value}\n`).toSorted();
  return `\n${component} flagz\n${WARNING}\n${lines.join('')}`;
}

/** The first parts of paths, without those that are not for finding faults, each once (`aggregatePaths`). */
export function debuggingPaths(paths: readonly string[]): string[] {
  const folders = paths.map((path) => `/${path.split('/')[1] ?? ''}`).filter((folder) => folder !== '/' && !NOT_FOR_DEBUGGING.has(folder));
  return [...new Set(folders)].toSorted();
}

/** Go's `time.UnixDate`, in UTC: `Mon Jul  6 06:14:02 UTC 2026`. */
function unixDate(time: Date): string {
  const clock = time.toISOString().slice(11, 19);
  return `${DAYS[time.getUTCDay()]} ${MONTHS[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2)} ${clock} UTC ${time.getUTCFullYear()}`;
}

function uptime(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`;
}
