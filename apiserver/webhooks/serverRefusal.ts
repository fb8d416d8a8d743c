import { isRecord } from '../../api/values/isRecord.ts';

/** As much of a refusal's text as is shown, in bytes (`maxUnstructuredResponseTextBytes`). */
const SHOWN_BYTES = 2048;

const TEXTS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** What Go's client makes of an answer that is no success: the message of a `Status`, or a text for its code (`NewGenericServerResponse`). */
export function serverRefusal(code: number, contentType: string, body: Buffer): string {
  const status = statusOf(body);
  if (status !== undefined) return status;
  const isText = contentType === '' || contentType.startsWith('text/');
  const text = isText ? body.subarray(0, SHOWN_BYTES).toString().trim() : 'unknown';
  const known = TEXTS[code];
  if (known !== undefined) return known;
  if (code === 403 || code === 415) return text;
  if (code === 406) return text === 'unknown' || text === '' ? 'the server was unable to respond with a content type that the client supports' : text;
  if (code >= 500) return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

function statusOf(body: Buffer): string | undefined {
  if (body[0] !== 0x7b) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    return isRecord(value) && value['kind'] === 'Status' && value['apiVersion'] === 'v1' && value['status'] === 'Failure' && typeof value['message'] === 'string' && value['message'] !== '' ? value['message'] : undefined;
  } catch {
    // A body that is no JSON is shown as text.
    return undefined;
  }
}
