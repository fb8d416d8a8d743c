/** What Go's `netip.ParseAddr` says is wrong with a text that is no address. */
export function addressFault(text: string): string {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === '.') return dottedFault(text, text);
  if (mark === '%') return 'missing IPv6 address';
  return mark === ':' ? colonFault(text) : 'unable to parse IP';
}

const at = (message: string, rest: string): string => `${message} (at ${JSON.stringify(rest)})`;
const UNKNOWN = 'unable to parse IP';

/** `whole` ends with the address of four numbers. */
function dottedFault(whole: string, dotted: string): string {
  let field = '';
  let fields = 0;
  for (const [index, character] of Array.from(dotted).entries()) {
    const rest = whole.slice(whole.length - dotted.length + index);
    if (character >= '0' && character <= '9') {
      if (field === '0') return 'IPv4 field has octet with leading zero';
      field += character;
      if (Number(field) > 255) return 'IPv4 field has value >255';
    } else if (character !== '.') return at('unexpected character', rest);
    else if (field === '' || index === dotted.length - 1) return at('IPv4 field must have at least one digit', rest);
    else if (fields === 3) return 'IPv4 address too long';
    else {
      fields += 1;
      field = '';
    }
  }
  return fields < 3 ? 'IPv4 address too short' : UNKNOWN;
}

function colonFault(text: string): string {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) return 'zone must be a non-empty string';
  const address = percent < 0 ? text : text.slice(0, percent);
  let rest = address;
  let hasEllipsis = rest.startsWith('::');
  if (hasEllipsis) rest = rest.slice(2);
  for (let bytes = 0; ; ) {
    if (bytes === 16) return rest === '' ? 'the :: must expand to at least one field of zeros' : at('trailing garbage after address', rest);
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0];
    if (digits.length > 4) return at('each group must have 4 or fewer digits', rest);
    if (digits === '') return at('each colon-separated field must have at least one digit', rest);
    const behind = rest.slice(digits.length);
    if (behind.startsWith('.')) {
      if (!hasEllipsis && bytes !== 12) return at('embedded IPv4 address must replace the final 2 fields of the address', rest);
      return bytes > 12 ? at('too many hex fields to fit an embedded IPv4 at the end of the address', rest) : dottedFault(address, rest);
    }
    bytes += 2;
    if (behind === '') return bytes < 16 ? 'address string too short' : 'the :: must expand to at least one field of zeros';
    if (!behind.startsWith(':')) return at('unexpected character, want colon', behind);
    if (behind === ':') return at('colon must be followed by more characters', behind);
    rest = behind.slice(1);
    if (!rest.startsWith(':')) continue;
    if (hasEllipsis) return at('multiple :: in address', rest);
    hasEllipsis = true;
    rest = rest.slice(1);
  }
}
