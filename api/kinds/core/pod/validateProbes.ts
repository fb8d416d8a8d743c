import type { V1Container, V1Lifecycle, V1LifecycleHandler, V1PodOS, V1Probe } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, required } from '../../../fieldError.ts';
import { invalidEach, nonNegative, oneOf, oneOfIfSet } from '../../../validation/fields.ts';
import { validateHttpHeaderName, validatePortName, validatePortNumber } from '../../../validation/names.ts';

const WINDOWS_SIGNALS = ['SIGKILL', 'SIGTERM'];
const REAL_TIME_SIGNALS = Array.from({ length: 31 }, (_, index) => (index === 0 ? ['SIGRTMIN', 'SIGRTMAX'] : index <= 15 ? [`SIGRTMIN+${index}`] : index <= 29 ? [`SIGRTMAX-${index - 15}`] : [])).flat();
const LINUX_SIGNALS = [
  'SIGABRT', 'SIGALRM', 'SIGBUS', 'SIGCHLD', 'SIGCLD', 'SIGCONT', 'SIGFPE', 'SIGHUP', 'SIGILL', 'SIGINT', 'SIGIO', 'SIGIOT', 'SIGKILL', 'SIGPIPE', 'SIGPOLL', 'SIGPROF', 'SIGPWR', 'SIGQUIT',
  'SIGSEGV', 'SIGSTKFLT', 'SIGSTOP', 'SIGSYS', 'SIGTERM', 'SIGTRAP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGWINCH', 'SIGXCPU', 'SIGXFSZ', ...REAL_TIME_SIGNALS,
].sort();

type Handler = Pick<V1LifecycleHandler, 'exec' | 'httpGet' | 'tcpSocket' | 'sleep'> & Pick<V1Probe, 'grpc'>;

/** The probes of a container that goes on running. */
export function validateContainerProbes(field: string, container: V1Container): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  const errors: FieldError[] = [];
  if (livenessProbe) append(errors, validateProbe(`${field}.livenessProbe`, livenessProbe), onlyOnce(`${field}.livenessProbe`, livenessProbe));
  if (readinessProbe) {
    append(errors, validateProbe(`${field}.readinessProbe`, readinessProbe));
    if (readinessProbe.terminationGracePeriodSeconds !== undefined) {
      errors.push(invalid(`${field}.readinessProbe.terminationGracePeriodSeconds`, readinessProbe.terminationGracePeriodSeconds, 'must not be set for readinessProbes'));
    }
  }
  if (startupProbe) append(errors, validateProbe(`${field}.startupProbe`, startupProbe), onlyOnce(`${field}.startupProbe`, startupProbe));
  return errors;
}

function onlyOnce(field: string, { successThreshold }: V1Probe): FieldError[] {
  return successThreshold === 1 || successThreshold === undefined ? [] : [invalid(`${field}.successThreshold`, successThreshold, 'must be 1')];
}

function validateProbe(field: string, probe: V1Probe): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, terminationGracePeriodSeconds } = probe;
  const errors = validateHandler(field, { exec, httpGet, tcpSocket, grpc });
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) append(errors, nonNegative(`${field}.${name}`, probe[name]));
  if (terminationGracePeriodSeconds !== undefined && terminationGracePeriodSeconds <= 0) {
    errors.push(invalid(`${field}.terminationGracePeriodSeconds`, terminationGracePeriodSeconds, 'must be greater than 0'));
  }
  return errors;
}

/** What runs after a container's start and before its end. `gracePeriod` in seconds. */
export function validateLifecycle(field: string, lifecycle: V1Lifecycle | undefined, gracePeriod: number | undefined, os: V1PodOS | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (lifecycle?.postStart) append(errors, validateHandler(`${field}.postStart`, lifecycle.postStart, gracePeriod));
  if (lifecycle?.preStop) append(errors, validateHandler(`${field}.preStop`, lifecycle.preStop, gracePeriod));
  return lifecycle?.stopSignal === undefined ? errors : [...errors, ...validateStopSignal(`${field}.stopSignal`, lifecycle.stopSignal, os)];
}

/** Which signals there are depends on the system, so that the pod has to name it. */
function validateStopSignal(field: string, signal: string, os: V1PodOS | undefined): FieldError[] {
  if (!os) return [forbidden(field, 'may not be set for containers with empty `spec.os.name`')];
  if (os.name === 'windows') return oneOf(field, signal, WINDOWS_SIGNALS);
  return os.name === 'linux' ? oneOf(field, signal, LINUX_SIGNALS) : [];
}

function validateHandler(field: string, { exec, httpGet, tcpSocket, grpc, sleep }: Handler, gracePeriod?: number): FieldError[] {
  const errors: FieldError[] = [];
  let handlers = 0;
  const another = (name: string): boolean => {
    handlers++;
    if (handlers === 1) return true;
    errors.push(forbidden(`${field}.${name}`, 'may not specify more than 1 handler type'));
    return false;
  };
  if (exec && another('exec') && !exec.command?.length) errors.push(required(`${field}.exec.command`));
  if (httpGet && another('httpGet')) {
    if (!httpGet.path) errors.push(required(`${field}.httpGet.path`));
    append(errors, validatePort(`${field}.httpGet.port`, httpGet.port), oneOfIfSet(`${field}.httpGet.scheme`, httpGet.scheme, ['HTTP', 'HTTPS']));
    for (const { name } of httpGet.httpHeaders ?? []) append(errors, invalidEach(`${field}.httpGet.httpHeaders`, name, validateHttpHeaderName(name)));
  }
  if (tcpSocket && another('tcpSocket')) append(errors, validatePort(`${field}.tcpSocket.port`, tcpSocket.port));
  if (grpc && another('grpc')) append(errors, validatePort(`${field}.grpc.port`, grpc.port));
  if (sleep && another('sleep') && gracePeriod !== undefined && (sleep.seconds < 0 || sleep.seconds > gracePeriod)) {
    errors.push(invalid(`${field}.sleep`, sleep.seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`));
  }
  if (handlers === 0) errors.push(required(field, 'must specify a handler type'));
  return errors;
}

/** A number, or the name of a container's port. */
export function validatePort(field: string, port: number | string | undefined): FieldError[] {
  return typeof port === 'string' ? invalidEach(field, port, validatePortName(port)) : invalidEach(field, port ?? 0, validatePortNumber(port ?? 0));
}
