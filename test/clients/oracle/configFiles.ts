import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { readAuditPolicy } from '../../../apiserver/audit/readAuditPolicy.ts';
import { parseAdmissionConfiguration } from '../../../apiserver/admission/configurationFile.ts';
import { readAuthenticationConfiguration } from '../../../apiserver/authentication/openId/authenticationConfiguration.ts';
import { claimLanguage } from '../../../apiserver/authentication/openId/celClaims.ts';
import { validateAuthenticationConfiguration } from '../../../apiserver/authentication/openId/validateAuthenticationConfiguration.ts';
import { readAuthorizationConfiguration } from '../../../apiserver/authorization/modes/authorizationConfiguration.ts';
import { conditionLanguage } from '../../../apiserver/authorization/modes/celConditions.ts';
import { validateAuthorizationConfiguration } from '../../../apiserver/authorization/modes/validateAuthorizationConfiguration.ts';
import { describeFaults } from '../../../apiserver/configFile/describeFaults.ts';
import { readEgressConfiguration } from '../../../apiserver/egress/egressConfiguration.ts';
import { parseEncryptionConfiguration } from '../../../apiserver/encryption/parseConfiguration.ts';
import type { FieldError } from '../../../api/fieldError.ts';
import { type Comparison, Differences } from './comparison.ts';
import { CONFIG_FILES, mutated } from './configSamples.ts';
import type { Oracle } from './oracle.ts';

const FILE = '/file';

const refuse = (errors: readonly FieldError[]): void => {
  if (errors.length > 0) throw new Error(describeFaults(errors));
};

/** How Gantry reads each: throws where it refuses. */
const READERS: Readonly<Record<string, (text: string) => void>> = {
  AuthenticationConfiguration: (text) => refuse(validateAuthenticationConfiguration(readAuthenticationConfiguration(text), claimLanguage, ['https://own.example'])),
  AuthorizationConfiguration: (text) => refuse(validateAuthorizationConfiguration(readAuthorizationConfiguration(text), conditionLanguage.fault)),
  EncryptionConfiguration: (text) => void parseEncryptionConfiguration(text, FILE),
  EgressSelectorConfiguration: (text) => void readEgressConfiguration(text, () => false),
  Policy: (text) => void readAuditPolicy(text, FILE),
  AdmissionConfiguration: (text) => void parseAdmissionConfiguration(text, () => ''),
};

/** Files for the API server, sound ones and such as somebody has made mistakes in. */
export async function compareConfigFiles(oracle: Oracle, random: ReturnType<typeof seededRandom>, rounds: number): Promise<Comparison> {
  const found = new Differences();
  for (const [kind, read] of Object.entries(READERS)) {
    for (let round = 0; round < rounds; round += 1) {
      const text = mutated(CONFIG_FILES[kind]!, random, round % 3 === 0 ? 0 : 1 + (round % 2));
      const { error } = await oracle.ask('configFile', { kind, text });
      found.compare([kind, text], said(() => read(text)), comparable(error));
    }
  }
  return found;
}

function said(read: () => void): string {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (error instanceof Error) return comparable(error.message);
    throw error;
  }
}

/** What is said is the same but for where it comes from: the scheme's place in Kubernetes' source, the file, and the step at which it was found. */
function comparable(error: string | undefined): string {
  if (error === undefined) return 'accepted';
  return error
    .replace(/ in scheme "[^"]*"/, '')
    // Konnectivity's own protocol is not spoken by Gantry.
    .replaceAll(', "GRPC"', '')
    .replace(/: from file .*$/, '')
    .replace(/^(?:error while parsing file: |error while loading file: |failed to validate egress selector configuration: )+/, '')
    // The text of one that holds keys is not told.
    .replace(/^(error decoding encryption .* is missing) in '[\s\S]*$/, '$1')
    .replace(/^\[(.*)\]$/s, (_, list: string) => list.split(', ').sort().join(', '));
}
