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
  // Sets.
  'sets.contains([1, 2, 3], [3, 1]) && !sets.contains([1], [2]) && sets.contains([1], [])', 'sets.equivalent([1, 2, 1], [2, 1]) && !sets.equivalent([1], [1, 2])', 'sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], [2])',
  // Regular expressions.
  '"abc 123".find("[0-9]+") == "123" && "abc".find("[0-9]+") == ""', '"123 abc 456".findAll("[0-9]+") == ["123", "456"]', '"123 abc 456".findAll("[0-9]+", 1) == ["123"] && "1 2".findAll("[0-9]", 0) == []', '"foobar".matches("^foo") && !"foobar".matches("^bar") && matches("x1", "[a-z][0-9]")', '"Ab".matches("(?i)^aB$")',
  // Texts.
  '"tacocat".charAt(3) == "o" && "tacocat".charAt(7) == ""', '"hello mellow".indexOf("ello") == 1 && "hello mellow".indexOf("ello", 2) == 7 && "hello".indexOf("jello") == -1', '"hello mellow".lastIndexOf("ello") == 7 && "hello mellow".lastIndexOf("ello", 6) == 1', '["x", "y"].join() == "xy" && ["x", "y"].join("-") == "x-y" && [].join("-") == ""', '"TacoCAT Æ".lowerAscii() == "tacocat Æ" && "tacocat æ".upperAscii() == "TACOCAT æ"',
  '"hello hello".replace("he", "we") == "wello wello" && "hello hello".replace("he", "we", 1) == "wello hello" && "ab".replace("", "_") == "_a_b_" && "ab".replace("", "_", 1) == "_ab"', '"a b c".split(" ") == ["a", "b", "c"] && "a b c".split(" ", 2) == ["a", "b c"] && "abc".split("") == ["a", "b", "c"] && "a".split(" ", 0) == []', '"tacocat".substring(4) == "cat" && "tacocat".substring(0, 4) == "taco" && "tä😀x".substring(2, 3) == "😀"', '"  \\ttrim\\n ".trim() == "trim"', '"gums😀".reverse() == "😀smug"', 'strings.quote("a\\"b\\n") == "\\"a\\\\\\"b\\\\n\\""',
  '"%s, %d, %.2f, %x, %X, %b, %o, %e, %%".format(["a", "b"].map(x, x).size() == 2 ? [dyn("s"), dyn(5), dyn(1.5), dyn(255), dyn("hi"), dyn(5), dyn(8), dyn(1000.0)] : []) == "s, 5, 1.50, ff, 6869, 101, 10, 1.000000e+03, %"', '"%s".format([[1, 2]]) == "[1, 2]" && "%s".format([{"a": 1}]) == "{a: 1}" && "%s".format([duration("1s")]) == "1s" && "%s".format([null]) == "null"',
  // URLs.
  'isURL("https://user:pass@example.com:8080/a b".replace(" ", "%20")) && !isURL("no url") && isURL("/path")', 'url("https://example.com:80/p?k=a&k=b#x").getHost() == "example.com:80"', 'url("https://example.com:80/p").getHostname() == "example.com" && url("https://[::1]:80/p").getHostname() == "::1" && url("https://x/").getPort() == ""', 'url("https://example.com/p%20q/r?k=a&k=b&l=").getQuery() == {"k": ["a", "b"], "l": [""]}', 'url("https://example.com/p%20q").getEscapedPath() == "/p%20q" && url("https://x").getScheme() == "https"',
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
  ['cidr("1.2.3.4").prefixLength() == 4', `network address parse error during conversion from string: netip.ParsePrefix("1.2.3.4"): no '/'`],
  ['semver("1.x").major() == 1', 'No Major.Minor.Patch elements found'],
  ['"%d".format(["a"]) == ""', 'error during formatting: decimal clause can only be used on integers, was given string'],
  ['"%s %s".format(["a"]) == ""', 'index 1 out of range'],
  ['text.join() == ""', "ERROR: <input>:1:10: found no matching overload for 'join' applied to 'string.()'\n | text.join() == \"\"\n | .........^"],
])('%s: %s', (expression, message) => {
  expect(run(expression)).toBe(message);
});
