import type { seededRandom } from '../../../api/schema/seededRandom.ts';

type Kind = 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'bool' | 'ints' | 'strings' | 'map' | 'dyn' | 'optional' | 'timestamp' | 'duration';

/** Expressions of each type; a type in angle brackets stands for any of that type. */
const FORMS: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    '0', '1', '-7', '42', '9223372036854775807', 'n', 'x', 'self.count', 'self.spec.replicas', 'self.set[0]', 'm["a"]', '(<int> + <int>)', '(<int> - <int>)', '(<int> * <int>)', '(<int> / <int>)', '(<int> % <int>)', '-(<int>)',
    '<string>.size()', 'size(<ints>)', '<bytes>.size()', 'int(<double>)', 'int(<uint>)', 'int(<string>)', 'int(<timestamp>)', '(<bool> ? <int> : <int>)', '<ints>[<int>]', '<ints>.sum()', '<ints>.min()', '<ints>.max()', '<ints>.indexOf(<int>)',
    '<optional>.orValue(<int>)', '<optional>.value()', 'cel.bind(z, <int>, z + z)', '<timestamp>.getHours()', '<timestamp>.getFullYear("+05:30")', '<duration>.getSeconds()', '<string>.indexOf("a")', 'm[<string>]',
  ],
  uint: ['0u', '7u', 'u', '18446744073709551615u', '(<uint> + <uint>)', '(<uint> - <uint>)', '(<uint> * <uint>)', '(<uint> / <uint>)', 'uint(<int>)', 'uint(<double>)'],
  double: ['0.0', '1.5', '-2.5', '1e300', 'd', 'self.ratio', '(<double> + <double>)', '(<double> / <double>)', '(<double> * <double>)', 'double(<int>)', 'double(<uint>)', '(<bool> ? <double> : <double>)'],
  string: [
    '""', '"a"', '"long enough to cost something"', '"é\\u00e9"', 'self.name', 'self.free', 'self.mode', 'self.labels["app"]', 'self.spec.dash__dash__ed', '(<string> + <string>)', 'string(<int>)', 'string(<uint>)', 'string(<bool>)', 'string(<duration>)', 'string(<timestamp>)',
    '(<bool> ? <string> : <string>)', '<strings>[0]', '<strings>.join("-")', '<string>.replace("a", <string>)', '<string>.substring(1)', '<string>.lowerAscii()', '<string>.trim()', '<string>.charAt(<int>)', '<string>.find("[a-z]+")', 'strings.quote(self.name)', 'type(<dyn>) == int ? "int" : <string>',
  ],
  bytes: ['b""', 'b"ab\\xff"', 'by', 'self.data', 'bytes(<string>)', '(<bytes> + <bytes>)'],
  bool: [
    'true', 'false', 'b', 'self.on', 'has(self.absent)', 'has(self.spec.replicas)', 'has(any.a)', '(<int> == <int>)', '(<int> < <int>)', '(<double> <= <double>)', '(<string> != <string>)', '(<string> < <string>)', '(<bytes> == <bytes>)', '(<ints> == <ints>)', '(<map> == <map>)', '(<dyn> == <dyn>)',
    '(<bool> && <bool>)', '(<bool> || <bool>)', '!<bool>', '(<int> in <ints>)', '(<int> in [1, 2, 3])', '(<string> in ["a", "b"])', '(<string> in self.labels)', '<string>.startsWith(<string>)', '<string>.contains(<string>)', '<string>.matches("^[a-z]*$")', '<ints>.all(e, e > <int>)', '<ints>.exists(e, e == <int>)', '<ints>.exists_one(e, e == <int>)',
    '<ints>.all(i, v, i <= v)', '<strings>.exists(i, v, v == "a" && i > 0)', '<ints>.isSorted()', '<optional>.hasValue()', '(<timestamp> < <timestamp>)', '(<duration> >= <duration>)', 'sets.contains(<ints>, <ints>)', 'sets.intersects(<ints>, <ints>)', 'isQuantity(<string>)', 'isIP(<string>)', '(quantity("1Gi") == quantity("1024Mi"))',
    'self.tags.all(t, t.size() < <int>)', 'self.ports.exists(p, p.port == <int>)', '(dyn(<int>) == dyn(<double>))', '(dyn(<int>) < dyn(<uint>))',
  ],
  ints: [
    '[]', '[1, 2, 3]', '[<int>, <int>]', '[<int>, 1, 2]', 'ints', 'self.set', 'self.nested["a"]', '<ints>.map(e, e + 1)', '<ints>.map(e, e > 1, e * <int>)', '<ints>.filter(e, e != <int>)', '(<ints> + <ints>)', '<ints>.sort()', '<ints>.reverse()', '<ints>.distinct()', '<ints>.slice(0, 1)', '<ints>.map(e, 5)',
    '<ints>.transformList(i, v, i + v)', '<ints>.sortBy(e, -e)', '(<bool> ? <ints> : <ints>)', 'lists.range(3)', 'lists_.flatten()', '[?<optional>]', '[1, 2].map(e, [e, <int>])[0]',
  ],
  strings: ['strings_', 'self.tags', 'self.open', '["a", "b"]', '[<string>]', '<string>.split("a")', '<strings>.map(e, e + "x")', '<strings>.filter(e, e.size() > 1)', '<string>.findAll("[a-z]")'],
  map: ['{"a": 1}', '{}', '{"k": <int>}', 'm', '<ints>.transformMap(i, v, v > <int>, string(v) + "x").size() > 0 ? m : {"a": <int>}', '(<bool> ? <map> : <map>)'],
  dyn: ['any.a', 'any.a[0]', 'any.a[2]', 'any.big', 'any.s', 'y', 'dyn(<int>)', 'dyn(<string>)', 'dyn(<ints>)', 'self.either', 'list[1]', 'dyn(null)'],
  optional: ['o', 'optional.none()', 'optional.of(<int>)', 'optional.ofNonZeroValue(<int>)', 'm[?"a"]', 'm[?<string>]', 'self.spec.?replicas', 'm.?zip', '<ints>[?<int>]', 'o.optMap(z, z + <int>)', 'o.optFlatMap(z, m[?"b"])', '<optional>.or(o)', '<ints>.first()', '<ints>.last()'],
  timestamp: ['ts', 'self.when', 'timestamp("2020-01-01T00:00:00Z")', 'timestamp(<int>)', '(<timestamp> + <duration>)', '(<timestamp> - <duration>)'],
  duration: ['dur', 'self.wait', 'duration("1h")', 'duration("-1.5s")', '(<duration> + <duration>)', '(<timestamp> - <timestamp>)'],
};
const KINDS = Object.keys(FORMS) as Kind[];

/** An expression of this depth that is well typed, over the variables of `celQuestions.ts`. */
export function soundExpression(random: ReturnType<typeof seededRandom>, depth: number): string {
  const pick = <T,>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const of = (kind: Kind, left: number): string => {
    const forms = left > 0 ? FORMS[kind] : FORMS[kind].filter((form) => !form.includes('<'));
    return pick(forms.length > 0 ? forms : FORMS[kind]).replace(/<(\w+)>/g, (_, inner: Kind) => `(${of(inner, left - 1)})`.replace(/^\((\w+)\)$/, '$1'));
  };
  return of(pick(KINDS), depth);
}
