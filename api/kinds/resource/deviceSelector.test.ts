import { validateDeviceSelector } from './deviceSelector.ts';

const faults = (expression: string): string[] => validateDeviceSelector('f', expression).map(({ message }) => message);
const invalid = (expression: string, why: string): string => `Invalid value: ${JSON.stringify(expression)}: ${why}`;

test.each([
  'device.driver == "dra.example.com"',
  'device.attributes["dra.example.com"].someBoolean',
  '"dra.example.com" in device.attributes && device.attributes["dra.example.com"].model == "a100"',
  'device.capacity["dra.example.com"].memory.isGreaterThan(quantity("10Gi"))',
  'device.capacity["dra.example.com"].memory.compareTo(quantity("10Gi")) >= 0',
  'cel.bind(dra, device.attributes["dra.example.com"], dra.oneBool && dra.anotherBool)',
  'device.attributes["dra.example.com"].driverVersion.isGreaterThan(semver("1.0.0"))',
  'device.attributes["dra.example.com"].?name.orValue("x") == "x"',
  'device.attributes["dra.example.com"].services.contains("a")',
  'device.allowMultipleAllocations == true',
  'device.attributes["dra.example.com"].exists(id, id == "model")',
])('%s is a selector', (expression) => expect(faults(expression)).toEqual([]));

// The first three as Kubernetes' own tests have them.
test.each<[string, string[]]>([
  [
    'device.attributes[true].someBoolean',
    [invalid('device.attributes[true].someBoolean', "compilation failed: ERROR: <input>:1:18: found no matching overload for '_[_]' applied to '(map(string, map(string, any)), bool)'\n | device.attributes[true].someBoolean\n | .................^")],
  ],
  [`${Array.from({ length: 7 }, (_, at) => `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(z${at}, `).join('')}int('1'.find('[0-9]*')) < 100)))))))`, ['Forbidden: too complex, exceeds cost limit']],
  ['device.driver', [invalid('device.driver', 'must evaluate to bool or the unknown type, not string')]],
  ['device.name == "x"', [expect.stringContaining("undefined field 'name'") as string]],
  ['dev.driver == ""', [expect.stringContaining("undeclared reference to 'dev'") as string]],
  ['device.attributes["d"].list.exists(x, x == 1)', [expect.stringContaining("expression of type 'any' cannot be range of a comprehension (must be list, map, or dynamic)") as string]],
  ['device.driver ==', [expect.stringContaining('compilation failed: ERROR: <input>:1:17: Syntax error') as string]],
])('%s is none', (expression, expected) => expect(faults(expression)).toEqual(expected));
