import { notAcceptable } from '../../api/apiError.ts';
import { formatTime, type Clock } from '../../process/clock.ts';
import type { VersionInfo } from '../discovery/handlers.ts';
import { respond, respondText } from '../handlers/respond.ts';
import type { ApiResponse, ConnectCall, PathHandler } from '../types.ts';
import { KUBERNETES_VERSION } from '../version.ts';
import { zpageForm, ZPAGE_TYPES, type ZPageKind } from './zpageForm.ts';
import { type ComponentStatus, debuggingPaths, flagzText, statuszText } from './zpageTexts.ts';

export interface ZPageParts {
  readonly version: VersionInfo;
  /** When the server started, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent: there is no `/flagz`. */
  readonly flags: Readonly<Record<string, string>> | undefined;
  /** Whether there is a `/statusz`. */
  readonly hasStatus: boolean;
  /** The paths that `/` lists. */
  readonly paths: () => readonly string[];
}

/** As kube-apiserver calls itself here. */
const COMPONENT = 'apiserver';

/** Serves `/statusz` and `/flagz`, for people and, to who asks for it, as an object (KEP-4827, KEP-4828). */
export function zpageHandlers(parts: ZPageParts): PathHandler[] {
  const { flags, hasStatus } = parts;
  const statusz = page('Statusz', () => statusOf(parts), (status) => statuszText(COMPONENT, status));
  return [...(hasStatus ? [statusz] : []), ...(flags ? [page('Flagz', () => ({ flags }), () => flagzText(COMPONENT, flags))] : [])];
}

function page<T extends object>(kind: ZPageKind, content: () => T, text: (content: T) => string): PathHandler {
  const handle = async ({ request }: ConnectCall): Promise<ApiResponse> => {
    const form = zpageForm(request.headers['accept'], kind);
    if (!form) throw notAcceptable(ZPAGE_TYPES);
    if (form.format === 'text') return respondText(200, text(content()));
    return respond(200, { kind, apiVersion: `config.k8s.io/${form.version}`, metadata: { name: COMPONENT }, ...content() }, form);
  };
  return { path: `/${kind.toLowerCase()}`, handle };
}

function statusOf({ version, startedAt, clock, paths }: ZPageParts): ComponentStatus {
  return {
    startTime: formatTime(startedAt),
    uptimeSeconds: Math.max(0, Math.floor((clock.now() - startedAt) / 1000)),
    goVersion: version.goVersion,
    binaryVersion: KUBERNETES_VERSION.slice(1),
    emulationVersion: `${version.major}.${version.minor}`,
    paths: debuggingPaths(paths()),
  };
}
