import { Client, credentials, status as GrpcStatus, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { ProbeAttempt } from './networkProbes.ts';

const METHOD = '/grpc.health.v1.Health/Check';
const SERVING = 1;
const NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** `HealthCheckRequest { string service = 1; }`. */
const encode = (service: string): Buffer => Buffer.from(protobuf.Writer.create().uint32((1 << 3) | 2).string(service).finish());

/** `HealthCheckResponse { ServingStatus status = 1; }`. */
function decode(bytes: Buffer): number {
  const reader = protobuf.Reader.create(bytes);
  let status = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 1 << 3) status = reader.int32();
    else reader.skipType(tag & 7);
  }
  return status;
}

/** Asks the server's health service, without TLS (`probe/grpc`). `now` is wall-clock milliseconds. */
export function probeGrpc(host: string, port: number, service: string, timeoutMilliseconds: number, now: number): Promise<ProbeAttempt> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const seconds = `${timeoutMilliseconds / 1000}s`;
  const client = new Client(address, credentials.createInsecure(), { 'grpc.primary_user_agent': 'kube-probe/1.36', 'grpc.enable_http_proxy': 0 });
  const deadline = new Date(now + timeoutMilliseconds);
  return new Promise<ProbeAttempt>((resolve) => {
    client.makeUnaryRequest(METHOD, encode, decode, service, { deadline }, (error, status) => {
      if (error) return resolve({ outcome: 'failure', output: refusal(error, address, seconds) });
      if (status === SERVING) return resolve({ outcome: 'success', output: 'service healthy' });
      resolve({ outcome: 'failure', output: `service unhealthy (responded with "${NAMES[status ?? 0] ?? status}")` });
    });
  }).finally(() => client.close());
}

function refusal({ code, details }: ServiceError, address: string, seconds: string): string {
  if (code === GrpcStatus.UNIMPLEMENTED) return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  if (code === GrpcStatus.DEADLINE_EXCEEDED) return `timeout: health rpc did not complete within ${seconds}`;
  if (code === GrpcStatus.UNAVAILABLE) return `timeout: failed to connect service "${address}" within ${seconds}: context deadline exceeded`;
  return `error: health rpc probe failed: ${details}`;
}
