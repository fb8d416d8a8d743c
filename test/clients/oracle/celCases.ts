/** Expressions, one in a line: literals, conversions, times, texts, formats, macros, what is constant, what is optional, and what is wrong. */
export const CASES: readonly string[] = String.raw`
optional.of('a').hasValue()
o.optMap(v, v)
o.optMap(v, v).hasValue()
o.optFlatMap(v, optional.of(v))
o.optFlatMap(v, o)
none.optMap(v, v)
cel.bind(v, n, v)
cel.bind(v, n, v + v)
cel.bind(v, 1, 2)
cel.bind(v, [n], v)
(b ? m : m).a
(b ? any : missing).a
(b ? n : x) + 1
string(n).size()
[n][0]
[n, 1][n - 3]
{"a": n}.a
{"a": n}["a"]
any.?zip
any.?a
any[?"zip"].?z
any.a[0]
any.a[?9]
self.tags[0]
self.ports[0].name
has(self.spec.replicas)
has(self.absent)
has(any.a.b)
[n].exists(y, y == 3)
ints.all(y, y > 0)
ints.exists_one(y, y == 3)
type(n) == int
int
n in [1,2,3]
n in [1,2,n]
any.a[0] in [1, 2u, 3]
n in []
"x" in {"x": 1}
dyn(1) == 1
dyn("x")
timestamp("2020-01-01T00:00:00Z") == ts
duration("1s") < dur
string(1.5) + "a"
[[1], [n]]
[1, [dyn(1)]]
{"a": [1], "b": {"c": 1}}
[optional.none()]
[?optional.none()]
[type(1)]
[int, string]
-1
-(1)
[-(1)]
[1+1]
size([1,2])
n in [1, b"x"]
null in [null]
n in [1, null]
1.0 in [1, 2]
ints.map(z, [1,2])
ints.sortBy(e, -e)
ints.sortBy(e, e)
ints.sort()
[2,1].sort()
ints.filter(z, z == 3)
ints.filter(z, false)
ints.filter(z, true)
ints.map(z, z)
ints.map(z, true, z)
ints.map(z, false, z)
ints.exists_one(z, false)
ints.exists_one(z, true)
ints.all(z, true)
ints.exists(z, false)
ints.transformList(i, v, v)
ints.transformList(i, v, false, v)
ints.transformMap(i, v, v)
ints.transformMap(i, v, false, v)
ints.transformMap(i, v, true, v)
ints.transformMapEntry(i, v, {i: v})
ints.transformMapEntry(i, v, false, {i: v})
ints.existsOne(i, v, false)
ints.existsOne(i, v, true)
ints.exists(i, v, false)
ints.all(i, v, true)
any.a[n]
any.a[n - 3]
ints[ints[0]]
any[s]
m[any.s]
m["a"]
b ? self.name : ''
b ? (b ? n : x) : n
b ? ints[0] : 1
b ? string(n) : ''
(b ? self : self).name
(b ? self : self).spec.replicas
optional.of(n).orValue(1)
none.orValue(self.name)
o.or(o)
none.or(none).orValue("x")
any.?a.orValue([])
any.?zip.orValue([])
any.?zip.?zap
any.?a[?0]
any.?a[0]
self.?absent
self.?name
self.spec.?replicas.orValue(3)
self[?"name"]
type(x)
-x
!b
b && n == 3
b || n == 3
!b || n == 3
[].map(q, q)
[1].map(q, q)
{}.map(q, q)
ints.map(i, ints.map(j, j))
cel.bind(v, [1, n].map(x, [2].map(y, x*y)), [5].map(w, v[0][0] + w + v[1][0]))
cel.bind(v, 1/0, true)
cel.bind(v, null, v == null)
"a".find("(")
"a".findAll("[")
int("x") == 1
timestamp("2020-01-01t00:00:00z") == ts
timestamp("" + "0000-01-01T00:00:00Z") == ts
timestamp("" + "9999-12-31T23:59:59.9999999999Z") == ts
timestamp("" + "9999-12-31T23:59:59-01:00") == ts
timestamp("" + "2020-01-01T00:00:00+23:59") == ts
timestamp("" + "2020-01-01T00:00:60Z") == ts
timestamp("" + "2020-02-30T00:00:00Z") == ts
timestamp("" + "2020-01-01T00:00:00-00:00")
timestamp("" + "2020-01-01T00:00:00.1234567891Z")
duration("" + "1d")
duration("" + ".5s")
duration("" + "1.s")
duration("" + ".s")
duration("" + "-.5s")
duration("" + "+5s")
duration("" + "1h-1m")
duration("" + "9223372036854775807ns")
duration("" + "9223372036854775808ns")
duration("" + "-9223372036854775808ns")
duration("" + "2562047h47m16.854775807s")
duration("" + "0.1ns")
duration("" + "1.0000000000000000000001s")
duration("" + "")
duration("" + "1µs")
duration("" + "0")
duration("" + "-0")
duration("" + "1")
string(dur)
string(-dur)
string(duration("1.000000001s"))
string(duration("-0.5s"))
string(duration("100h"))
string(timestamp(0))
string(timestamp("0001-01-01T00:00:00Z"))
string(timestamp("2020-01-01T00:00:00.120Z"))
int(timestamp("1969-12-31T23:59:59.5Z"))
int("" + "+5")
int("" + "-0")
int("" + "0x10")
int("" + "1_000")
int("" + " 1")
int("" + "9223372036854775808")
uint("" + "+1")
uint("" + "18446744073709551615")
uint("" + "18446744073709551616")
uint("" + "-1")
double("" + "1e400")
double("" + "-1e-400")
double("" + "infinity")
double("" + "+Inf")
double("" + "nan")
double("" + "1.")
double("" + ".5e3")
double("" + "0b1")
double("" + "1e")
bool("" + "T")
bool("" + "tRue")
string(1e21)
string(1e20)
string(123456789.0)
string(1e-5)
string(0.0001)
string(100000.0)
string(1000000.0)
string(1.0/0.0)
string(-0.0)
string(0.1+0.2)
string(5e-324)
string(1.7976931348623157e308)
int(9007199254740993.0)
int(9223372036854775807.0)
int(-9223372036854775808.0)
uint(18446744073709551615.0)
uint(1.99)
int(-1.99)
double(9223372036854775807)
double(18446744073709551615u)
9223372036854775807 == 9223372036854775807.0
dyn(9007199254740993) == 9007199254740992.0
dyn(9007199254740993) < 9007199254740994.0
dyn(1u) < 1.5
dyn(-1) < 1u
dyn(18446744073709551615u) > 9223372036854775807
1.0/0.0 == -1.0/0.0
0.0/0.0 == 0.0/0.0
dyn(0.0/0.0) < 1
[0.0/0.0] == [0.0/0.0]
{"a": 0.0/0.0} == {"a": 0.0/0.0}
0.0 == -0.0
dyn(1) in [1u, 2u]
dyn(1.0) in {1: 2}
dyn(1.5) in {1: 2}
{1: 2}[dyn(1.0)]
{1: 2}[dyn(1u)]
{1u: 2}[dyn(1)]
{true: 1}[dyn(1)]
[1,2][dyn(1.0)]
[1,2][dyn(1u)]
[1,2][dyn("0")]
ts + dur
ts - dur
ts - ts
dur - dur
dur + ts
ts.getFullYear()
ts.getMonth("America/New_York")
ts.getHours("+05:30")
ts.getHours("-5:30")
ts.getHours("05:30")
ts.getHours("UTC")
ts.getHours("")
ts.getHours("Local")
ts.getHours("local")
ts.getHours("Europe/Nowhere")
ts.getDayOfYear()
ts.getDayOfMonth()
ts.getDate()
ts.getDayOfWeek("Asia/Tokyo")
ts.getMilliseconds()
dur.getHours()
dur.getMinutes()
dur.getSeconds()
dur.getMilliseconds()
timestamp("9999-12-31T23:59:59Z") + duration("1s")
timestamp("0001-01-01T00:00:00Z") - duration("1ns")
timestamp("9999-12-31T23:59:59Z") - timestamp("0001-01-01T00:00:00Z")
duration("2562047h") + duration("2562047h")
-9223372036854775808
-(-9223372036854775807 - 1)
9223372036854775808
0xFFFFFFFFFFFFFFFF
-0x8000000000000000
0xFFFFFFFFFFFFFFFFu
18446744073709551616u
1e400
-1e400
1e-400
'\ud800'
'\U00110000'
b"\xff\101é"
b"\u00e9"
r"\n\x"
R'''a\
b'''
rb"\x"
Br"\x"
"\q"
"a
b"
"""a
b"""
size("é😀")
"é😀".size()
b"é".size()
"é" < "😀"
"\uffff" < "😀"
b"a" < b"ab"
"abc".substring(1, 10)
"tacocat".charAt(-1)
"😀b".charAt(1)
"a,b,,c".split(",")
"a,b,c".split(",", 0)
"a,b,c".split(",", 1)
"".split("")
"".split(",")
"abc".replace("", "-", 2)
"İ".lowerAscii()
"ß".upperAscii()
"\u00a0 x\u2003\ufeff".trim()
"\u0085x\u180e".trim()
"a".matches("a{1001}")
"abc".matches("(?P<x>b)")
"aXb".matches("(?i)x")
"ab".matches("^(?:a|ab)$")
"\n".matches(".")
"é".matches("^.$")
"a".matches("\\pL")
"1".matches("\\d") && "a".matches("[[:alpha:]]")
"abcabc".find("b.")
"abcabc".findAll("b.", 1)
"abc".findAll("")
"%f".format([1e300])
"%s".format([1.0])
"%s".format([1e100])
"%s".format([[1.5, "x", b"y", null, ts, dur, type(1), {"b": 1, "a": 2u}]])
"%d".format([1u])
"%d%%".format([-5])
"%x".format([b"\xff"])
"%5d".format([1])
"%.f".format([1.5])
"%s %s".format(["a"])
"%c".format([1])
"%f".format([double("nan")])
"%f".format([double("inf")])
"%d".format([1.5])
"%b".format([true])
"%b".format([-5])
"%x".format([-255])
"%o".format([-8])
"%f".format([5])
self.tags.all(t, t)
[].length
x.all(e, 0)
int{}
.z
[1, 2].all(__result__, true)
a || b || 1
[?x]
{?"a": 1}
self.nothing
self.count.foo
duration("x")
timestamp("x")
timestamp(-62135596801)
kubernetes.Quantity
net.IP
[optional.of(1), optional.none()].unwrapOpt()
optional.unwrap([o, optional.of(2)])
dyn(true).size()
dyn(1).contains("a")
dyn(1).map(e, e)
dyn("x").all(i, v, true)
dyn(null) + y
-dyn(dur)
dyn(any.a).sum()
[1, 1].transformMapEntry(i, v, {v: i})
[1][dyn(0.5)]
{"a": [1]}.a == [1]
[1][dyn("0")]
optional.ofNonZeroValue(duration("0s"))
optional.ofNonZeroValue(timestamp("0001-01-01T00:00:00Z"))
{"b": o}.?b
string(timestamp("2020-01-01T00:00:00Z") - ts)
format.uri().validate("http://example.com")
format.uuid().validate("123e4567-e89b-12d3-a456-426614174000")
format.byte().validate("aGVsbG8=")
format.date().validate("2021-01-01")
"ta©o©".indexOf("©")
type(self.either) == int ? "int" : "other"
self.?name == optional.of("a")
[1, 2, 3].slice(2, 1)
["a", "b"].distinct()
sets.equivalent(["a"], ["a"])
[[1, 2], [3]] == [[1, 2], [3]]
`
  .trim()
  .split('\n');
