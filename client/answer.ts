import type { IncomingMessage } from 'node:http';
import { ApiError, failure } from '../api/apiError.ts';
import type { V1Status } from '../api/generated/types.ts';
import { asConnectionError } from './transport.ts';

/** Reads a body to its end. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw asConnectionError(error);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The error that an answer of 400 and more stands for; bodies that are no Status come from something between us and the server. */
export function errorOf(code: number, body: Buffer, retryAfter: string | undefined): ApiError {
  const seconds = retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  const status = parseStatus(body);
  if (!status) {
    const text = body.toString('utf8', 0, 1024).trim();
    return failure(code, REASONS[code] ?? '', text === '' ? `the server answered ${code}` : text, seconds === undefined ? {} : { retryAfterSeconds: seconds });
  }
  const details = seconds === undefined ? status.details : { ...status.details, retryAfterSeconds: status.details?.retryAfterSeconds ?? seconds };
  return new ApiError({ ...status, code: status.code ?? code, ...(details ? { details } : {}) });
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function parseStatus(body: Buffer): V1Status | undefined {
  if (body[0] !== 0x7b) return undefined;
  try {
    const status = JSON.parse(body.toString('utf8')) as V1Status;
    return status.kind === 'Status' ? status : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
