import { DYN, listOf, INT, STRING } from './celType.ts';
import { compile } from './compile.ts';

const environment = { variables: { any: DYN, none: listOf(INT), text: STRING } };

function run(expression: string): unknown {
  const compiled = compile(expression, environment);
  if (!compiled.ok) return compiled.message;
  const outcome = compiled.program.evaluate({ any: 1, text: 'x' }, { remaining: 1_000_000 });
  return outcome.ok ? outcome.value : outcome.message;
}

it.each([
  // Lists.
  '[1, 2, 3].isSorted() && ![2, 1].isSorted() && ["a", "b"].isSorted() && [].isSorted()', '[1, 2].sum() == 3 && [1.5, 2.0].sum() == 3.5 && [duration("1s"), duration("1m")].sum() == duration("61s")', '[3, 1, 2].min() == 1 && ["b", "a"].max() == "b"', '[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(9) == -1',
  '[1, 2, 3, 4].slice(1, 3) == [2, 3] && [[1], [2, 3]].flatten() == [1, 2, 3] && [[[1]], [[2]]].flatten(2) == [1, 2]', '[3, 1, 2].sort() == [1, 2, 3] && ["b", "a"].sort() == ["a", "b"] && [3, 1].reverse() == [1, 3] && lists.range(3) == [0, 1, 2]', '["bbb", "a", "cc"].sortBy(e, e.size()) == ["a", "cc", "bbb"] && [3, 1, 2].sortBy(e, -e) == [3, 2, 1]', '[1, 2, 1, 3, 2].distinct() == [1, 2, 3] && [{"a": 1}, {"a": 1}].distinct().size() == 1',
  // Sets.
  'sets.contains([1, 2, 3], [3, 1]) && !sets.contains([1], [2]) && sets.contains([1], [])', 'sets.equivalent([1, 2, 1], [2, 1]) && !sets.equivalent([1], [1, 2])', 'sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], [2])',
  // Regular expressions.
  '"abc 123".find("[0-9]+") == "123" && "abc".find("[0-9]+") == ""', '"123 abc 456".findAll("[0-9]+") == ["123", "456"]', '"123 abc 456".findAll("[0-9]+", 1) == ["123"] && "1 2".findAll("[0-9]", 0) == []', '"foobar".matches("^foo") && !"foobar".matches("^bar") && matches("x1", "[a-z][0-9]")', '"Ab".matches("(?i)^aB$")',
  // Texts.
  '"tacocat".charAt(3) == "o" && "tacocat".charAt(7) == ""', '"hello mellow".indexOf("ello") == 1 && "hello mellow".indexOf("ello", 2) == 7 && "hello".indexOf("jello") == -1', '"hello mellow".lastIndexOf("ello") == 7 && "hello mellow".lastIndexOf("ello", 6) == 1', '["x", "y"].join() == "xy" && ["x", "y"].join("-") == "x-y" && [].join("-") == ""', '"TacoCAT Æ".lowerAscii() == "tacocat Æ" && "tacocat æ".upperAscii() == "TACOCAT æ"',
  '"hello hello".replace("he", "we") == "wello wello" && "hello hello".replace("he", "we", 1) == "wello hello" && "ab".replace("", "_") == "_a_b_" && "ab".replace("", "_", 1) == "_ab"', '"a b c".split(" ") == ["a", "b", "c"] && "a b c".split(" ", 2) == ["a", "b c"] && "abc".split("") == ["a", "b", "c"] && "a".split(" ", 0) == []', '"tacocat".substring(4) == "cat" && "tacocat".substring(0, 4) == "taco" && "tä😀x".substring(2, 3) == "😀"', '"  \\ttrim\\n ".trim() == "trim"', 'strings.quote("a\\"b\\n") == "\\"a\\\\\\"b\\\\n\\""',
  '"%s, %d, %.2f, %x, %X, %b, %o, %e, %%".format(["a", "b"].map(x, x).size() == 2 ? [dyn("s"), dyn(5), dyn(1.5), dyn(255), dyn("hi"), dyn(5), dyn(8), dyn(1000.0)] : []) == "s, 5, 1.50, ff, 6869, 101, 10, 1.000000\\u202f×\\u202f10⁰³, %"', '"%d %s %f %s".format([1, "abc", 12345.5, duration("1m")]) == "1 abc 12,345.500000 60s" && "%e".format([3.14]) == "3.140000\\u202f×\\u202f10⁰⁰"', '"%s".format([[1, "a", {"x": 1.5, "y": [true, null]}, duration("1s"), b"x"]]) == "[1, \\"a\\", {\\"x\\":1.500000, \\"y\\":[true, null]}, duration(\\"1s\\"), b\\"x\\"]" && "%.1f %f".format([-0.25, "NaN"]) == "-0.3 NaN"', '"%s".format([[1, 2]]) == "[1, 2]" && "%s".format([{"a": 1}]) == "{\\"a\\":1}" && "%s".format([duration("1s")]) == "1s" && "%s".format([null]) == "null"',
  // URLs.
  'isURL("https://user:pass@example.com:8080/a b".replace(" ", "%20")) && !isURL("no url") && isURL("/path")', 'url("https://example.com:80/p?k=a&k=b#x").getHost() == "example.com:80"', 'url("https://example.com:80/p").getHostname() == "example.com" && url("https://[::1]:80/p").getHostname() == "::1" && url("https://x/").getPort() == ""', 'url("https://example.com/p%20q/r?k=a&k=b&l=").getQuery() == {"k": ["a", "b"], "l": [""]}', 'url("https://example.com/p%20q").getEscapedPath() == "/p%20q" && url("https://x").getScheme() == "https"',
  'url("https://h/a b(c)?x y=1 2&k=%zz&a;b=1#f").getEscapedPath() == "/a%20b%28c%29" && url("https://h/(a)").getEscapedPath() == "/(a)" && url("https://h/?x y=1+2&k=%zz&a;b=1").getQuery() == {"x y": ["1 2"]}',
  // Quantities.
  'isQuantity("1.3Gi") && !isQuantity("1.3G i") && !isQuantity("x")', 'quantity("50k").isInteger() && quantity("50000").asInteger() == 50000 && quantity("-1").sign() == -1 && quantity("0").sign() == 0', 'quantity("1Gi").compareTo(quantity("1024Mi")) == 0 && quantity("200M").isLessThan(quantity("1G")) && quantity("1") == quantity("1000m")', 'quantity("50k").add("20".size() == 2 ? quantity("20k") : quantity("0")) == quantity("70k") && quantity("50k").sub(20000) == quantity("30k")', 'quantity("1.5").asApproximateFloat() == 1.5',
  // Addresses.
  'isIP("127.0.0.1") && isIP("::1") && !isIP("127.0.0.256") && !isIP("::ffff:1.2.3.4") && !isIP("fe80::1%eth0") && !isIP("01.2.3.4")', 'ip("::1").isLoopback() && ip("127.9.9.9").isLoopback() && ip("0.0.0.0").isUnspecified() && ip("fe80::1").isLinkLocalUnicast() && ip("224.0.0.1").isLinkLocalMulticast() && ip("ff02::1").isLinkLocalMulticast()', 'ip("8.8.8.8").isGlobalUnicast() && !ip("224.0.1.1").isGlobalUnicast() && ip("2001:db8::1").family() == 6', 'ip.isCanonical("2001:db8::abcd") && !ip.isCanonical("2001:DB8::ABCD") && !ip.isCanonical("2001:db8:0:0:0:0:0:abcd")', 'string(ip("2001:0db8:0:0:1:0:0:1")) == "2001:db8::1:0:0:1" && string(ip("::")) == "::" && string(ip("1::")) == "1::"', 'cidr("192.168.0.0/24").containsIP("192.168.0.9") && !cidr("192.168.0.0/24").containsIP(ip("192.168.1.1")) && !cidr("10.0.0.0/8").containsIP("::1")', 'cidr("192.168.0.0/16").containsCIDR("192.168.10.0/24") && !cidr("192.168.0.0/24").containsCIDR(cidr("192.168.0.0/16"))', 'cidr("192.168.5.7/24").masked() == cidr("192.168.5.0/24") && cidr("192.168.5.7/24").prefixLength() == 24 && cidr("10.1.2.3/8").ip() == ip("10.1.2.3")', 'isCIDR("10.0.0.0/8") && !isCIDR("10.0.0.0/33") && !isCIDR("10.0.0.0") && string(cidr("::1/128")) == "::1/128"',
  // Formats.
  '!format.dns1123Label().validate("ok-name").hasValue() && format.dns1123Label().validate("Not OK").hasValue()', 'format.named("uuid").value().validate("x").value() == ["does not match the UUID format"] && !format.named("nothing").hasValue()', '!format.dns1123LabelPrefix().validate("name-").hasValue() && format.date().validate("2026-13-01").hasValue() && !format.datetime().validate("2026-01-01T00:00:00Z").hasValue()', 'format.qualifiedName() == format.named("qualifiedName").value()',
  // Versions.
  'isSemver("1.2.3-alpha.1+build") && !isSemver("v1.2.3") && isSemver("v1.2", true) && !isSemver("1.2")', 'semver("1.2.3").major() == 1 && semver("1.2.3").minor() == 2 && semver("1.2.3").patch() == 3', 'semver("1.0.0-alpha").isLessThan(semver("1.0.0")) && semver("1.0.0-alpha.2").isLessThan(semver("1.0.0-alpha.10")) && semver("2.0.0").isGreaterThan(semver("1.9.9"))', 'semver("1.0.0+a") == semver("1.0.0+b") && semver("1.0.0").compareTo(semver("1.0.1")) == -1 && semver("v01.2", true) == semver("1.2.0")',
])('%s', (expression) => {
  expect(run(expression)).toBe(true);
});

it.each([
  ['none.min() == 1', 'no such attribute(s): none'],
  ['[].map(x, 1).min() == 1', 'min called on empty list'],
  ['"abc".charAt(4) == ""', 'index out of range: 4'],
  ['"abc".substring(2, 1) == ""', 'invalid substring range. start: 2, end: 1'],
  ['"abc".substring(4) == ""', 'index out of range: 4'],
  ['quantity("x").sign() == 0', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['quantity("1.5").asInteger() == 1', 'cannot convert value to integer'],
  ['url("x y").getHost() == ""', 'URL parse error during conversion from string: parse "x y": invalid URI for request'],
  ['ip("x").family() == 4', 'IP Address "x" parse error during conversion from string: ParseAddr("x"): unable to parse IP'],
  ['cidr("1.2.3.4").prefixLength() == 4', `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("1.2.3.4"): no '/'`],
  ['semver("1.x").major() == 1', 'No Major.Minor.Patch elements found'],
  ['semver("01.0.x").major() == 1', 'Major number must not contain leading zeroes "01"'],
  ['semver("1.0.x").major() == 1', 'Invalid character(s) found in patch number "x"'],
  ['semver("1.0.0-01").major() == 1', 'Numeric PreRelease version must not contain leading zeroes "01"'],
  ['semver("1.0.0-").major() == 1', 'Prerelease is empty'],
  ['semver("1.0.0+a_b").major() == 1', 'Invalid character(s) found in build meta data "a_b"'],
  ['semver("1.2-rc", true).major() == 1', 'short version cannot contain PreRelease/Build meta data'],
  ['semver("99999999999999999999.0.0").major() == 1', 'strconv.ParseUint: parsing "99999999999999999999": value out of range'],
  ['quantity("10Mm").sign() == 0', "unable to parse quantity's suffix"],
  ['url("").getHost() == ""', 'URL parse error during conversion from string: parse "": empty url'],
  ['url("https://a/%zz").getHost() == ""', 'URL parse error during conversion from string: parse "https://a/%zz": invalid URL escape "%zz"'],
  ['url("http://[::1").getHost() == ""', `URL parse error during conversion from string: parse "http://[::1": missing ']' in host`],
  ['url("http://a b").getHost() == ""', 'URL parse error during conversion from string: parse "http://a b": invalid character " " in host name'],
  ['url("https://h:99x/").getHost() == ""', 'URL parse error during conversion from string: parse "https://h:99x/": invalid port ":99x" after host'],
  ['url(":x").getHost() == ""', 'URL parse error during conversion from string: parse ":x": missing protocol scheme'],
  ['ip("300.1.1.1").family() == 4', 'IP Address "300.1.1.1" parse error during conversion from string: ParseAddr("300.1.1.1"): IPv4 field has value >255'],
  ['ip("01.2.3.4").family() == 4', 'IP Address "01.2.3.4" parse error during conversion from string: ParseAddr("01.2.3.4"): IPv4 field has octet with leading zero'],
  ['ip("1..2.3").family() == 4', 'IP Address "1..2.3" parse error during conversion from string: ParseAddr("1..2.3"): IPv4 field must have at least one digit (at ".2.3")'],
  ['ip("::1::").family() == 6', 'IP Address "::1::" parse error during conversion from string: ParseAddr("::1::"): multiple :: in address (at ":")'],
  ['ip("::ffff:1.2.3.4").family() == 6', 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
  ['ip("fe80::1%eth0").family() == 6', 'IP address "fe80::1%eth0" with zone value is not allowed'],
  ['cidr("1.2.3.4/01").prefixLength() == 1', 'network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("1.2.3.4/01"): bad bits after slash: "01"'],
  ['cidr("1.2.3.0/24").containsIP("x")', 'no such overload'],
  ['"%d".format([any == 1 ? dyn("a") : any]) == ""', 'error during formatting: decimal clause can only be used on integers, was given string'],
  ['"%s %s".format(["a"].map(x, x)) == ""', 'index 1 out of range'],
  ['"%f".format([any]) == ""', 'error during formatting: fixed-point clause can only be used on doubles, was given int'],
  ['"%z".format([any]) == ""', 'ERROR: <input>:1:12: could not parse formatting clause: unrecognized formatting clause "z"\n | "%z".format([any]) == ""\n | ...........^'],
  ['"%s %d".format([quantity("1"), 1]) == ""', 'ERROR: <input>:1:25: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given kubernetes.Quantity\n | "%s %d".format([quantity("1"), 1]) == ""\n | ........................^'],
  ['"%s".format([1, 2]) == ""', 'ERROR: <input>:1:12: too many arguments supplied to string.format (expected 1, got 2)\n | "%s".format([1, 2]) == ""\n | ...........^'],
  ['[1, 2].slice(0, 3) == []', 'cannot slice(0, 3), list is length 2'],
  ['[[1]].flatten(-1) == []', 'level must be non-negative'],
  ['lists.range(-1) == []', 'lists.range: size must be non-negative, got -1'],
  ['"".indexOf("a", -1) == 0', 'index out of range: -1'],
  ['text.join() == ""', "ERROR: <input>:1:10: found no matching overload for 'join' applied to 'string.()'\n | text.join() == \"\"\n | .........^"],
])('%s: %s', (expression, message) => {
  expect(run(expression)).toBe(message);
});
