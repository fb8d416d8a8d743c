import type { Client } from '@grpc/grpc-js';
import type { Clock } from '../../../process/clock.ts';
import { decodeDecryptResponse, decodeEncryptResponse, decodeStatusResponse, encodeDecryptRequest, encodeEncryptRequest } from './messages.ts';
import type { Annotations, KmsEncrypted, KmsStatus } from './messages.ts';

const SERVICE = '/v2.KeyManagementService/';
const LARGEST_ANSWER = 1024 * 1024;

/** A KMS plugin of version 2, by gRPC over a unix socket. Every call rejects when there is no answer in time. */
export class KmsService {
  readonly #endpoint: string;
  readonly #timeout: number;
  readonly #clock: Clock;
  #client: Promise<Client> | undefined;

  /** `endpoint` as `unix:///path` (a leading `@`: an abstract socket); `timeout` in milliseconds. */
  constructor(endpoint: string, timeout: number, clock: Clock) {
    this.#endpoint = endpoint.replace(/^unix:\/\/\/@/, 'unix-abstract:');
    this.#timeout = timeout;
    this.#clock = clock;
  }

  async status(): Promise<KmsStatus> {
    return decodeStatusResponse(await this.#call('Status', Buffer.alloc(0)));
  }

  async encrypt(plaintext: Buffer, uid: string): Promise<KmsEncrypted> {
    return decodeEncryptResponse(await this.#call('Encrypt', encodeEncryptRequest(plaintext, uid)));
  }

  async decrypt(ciphertext: Buffer, uid: string, keyId: string, annotations: Annotations): Promise<Buffer> {
    return decodeDecryptResponse(await this.#call('Decrypt', encodeDecryptRequest(ciphertext, uid, keyId, annotations)));
  }

  async close(): Promise<void> {
    const client = await this.#client;
    client?.close();
  }

  async #call(method: string, message: Buffer): Promise<Buffer> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    const same = (bytes: Buffer): Buffer => bytes;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(SERVICE + method, same, same, message, { deadline: this.#clock.now() + this.#timeout }, (error, answer) => {
        if (error) reject(new Error(`rpc error: code = ${error.code} desc = ${error.details}`));
        else if (answer === undefined) reject(new Error('the KMS plugin answered nothing'));
        else resolve(answer);
      });
    });
  }

  /** gRPC is loaded only where there is a plugin. */
  async #connect(): Promise<Client> {
    const { Client: GrpcClient, credentials } = await import('@grpc/grpc-js');
    return new GrpcClient(this.#endpoint, credentials.createInsecure(), { 'grpc.max_receive_message_length': LARGEST_ANSWER });
  }
}
