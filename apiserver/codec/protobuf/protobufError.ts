/** Bytes are not the message that they should be; the message is that of Go's decoder. */
export class ProtobufError extends Error {}
