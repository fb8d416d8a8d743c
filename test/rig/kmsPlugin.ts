import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** The plugin's messages, from the interface that Kubernetes publishes for authors of plugins. */
const messages = protobuf.parse(`
  syntax = "proto3";
  message StatusResponse { string version = 1; string healthz = 2; string key_id = 3; }
  message EncryptRequest { bytes plaintext = 1; string uid = 2; }
  message EncryptResponse { bytes ciphertext = 1; string key_id = 2; map<string, bytes> annotations = 3; }
  message DecryptRequest { bytes ciphertext = 1; string uid = 2; string key_id = 3; map<string, bytes> annotations = 4; }
  message DecryptResponse { bytes plaintext = 1; }
`).root;

/** A KMS plugin on a unix socket, with keys of its own that it never gives out. */
export interface KmsPluginServer {
  readonly endpoint: string;
  /** Calls so far. */
  readonly calls: Record<'Status' | 'Encrypt' | 'Decrypt', number>;
  /** What it says of its health. */
  healthz: string;
  /** The key that it wraps with from now on; older ones go on unwrapping. */
  keyId: string;
  close(): void;
}

export async function startKmsPlugin(keyId: string): Promise<KmsPluginServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kms-'));
  const keys = new Map<string, Buffer>();
  const keyOf = (id: string): Buffer => {
    const key = keys.get(id) ?? randomBytes(32);
    keys.set(id, key);
    return key;
  };
  const plugin: KmsPluginServer = {
    endpoint: `unix://${folder}/socket`,
    calls: { Status: 0, Encrypt: 0, Decrypt: 0 },
    healthz: 'ok',
    keyId,
    close: () => {
      server.forceShutdown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const answers = {
    Status: () => encode('StatusResponse', { version: 'v2', healthz: plugin.healthz, keyId: plugin.keyId }),
    Encrypt: (request: Buffer) => encode('EncryptResponse', { ciphertext: wrap(keyOf(plugin.keyId), decode('EncryptRequest', request)['plaintext'] as Buffer), keyId: plugin.keyId, annotations: { 'local.kms.example': Buffer.from('1') } }),
    Decrypt: (request: Buffer) => {
      const { ciphertext, keyId: id, annotations } = decode('DecryptRequest', request) as { ciphertext: Buffer; keyId: string; annotations: Record<string, Buffer> };
      if (annotations['local.kms.example']?.toString() !== '1') throw new Error('the annotations are not mine');
      return encode('DecryptResponse', { plaintext: unwrap(keyOf(id), ciphertext) });
    },
  };
  const server = new Server();
  const same = (bytes: Buffer): Buffer => bytes;
  const method = (name: keyof typeof answers) => ({ path: `/v2.KeyManagementService/${name}`, requestStream: false as const, responseStream: false as const, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same });
  const serve = (name: keyof typeof answers) => (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    plugin.calls[name] += 1;
    try {
      callback(null, answers[name](call.request));
    } catch (error) {
      callback({ code: status.INTERNAL, details: String(error) });
    }
  };
  server.addService({ Status: method('Status'), Encrypt: method('Encrypt'), Decrypt: method('Decrypt') }, { Status: serve('Status'), Encrypt: serve('Encrypt'), Decrypt: serve('Decrypt') });
  await new Promise<void>((resolve, reject) => server.bindAsync(plugin.endpoint, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())));
  return plugin;
}

function encode(type: string, value: Record<string, unknown>): Buffer {
  return Buffer.from(messages.lookupType(type).encode(value).finish());
}

function decode(type: string, message: Buffer): Record<string, unknown> {
  return messages.lookupType(type).toObject(messages.lookupType(type).decode(message), { objects: true });
}

function wrap(key: Buffer, plaintext: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(key: Buffer, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12));
  decipher.setAuthTag(wrapped.subarray(-16));
  return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
}
