import { AwsError, type Random } from '../../model.ts';

/** "GetRandomPassword", and `GenerateSecretString` of CloudFormation with the same names. */
export interface PasswordOptions {
  PasswordLength?: number;
  ExcludeCharacters?: string;
  ExcludeNumbers?: boolean;
  ExcludePunctuation?: boolean;
  ExcludeUppercase?: boolean;
  ExcludeLowercase?: boolean;
  IncludeSpace?: boolean;
  RequireEachIncludedType?: boolean;
}

const [lower, numbers] = ['abcdefghijklmnopqrstuvwxyz', '0123456789'];
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export function randomPassword(random: Random, options: PasswordOptions): string {
  const { PasswordLength: length = 32, ExcludeCharacters = '', RequireEachIncludedType = true } = options;
  const types = [
    ...(options.ExcludeLowercase ? [] : [lower]),
    ...(options.ExcludeUppercase ? [] : [lower.toUpperCase()]),
    ...(options.ExcludeNumbers ? [] : [numbers]),
    ...(options.ExcludePunctuation ? [] : [punctuation]),
    ...(options.IncludeSpace ? [' '] : []),
  ].map((type) => [...type].filter((one) => !ExcludeCharacters.includes(one)).join(''));
  const usable = types.filter((type) => type !== '');
  if (usable.length === 0) throw new AwsError('InvalidParameterException', 'No characters are left for the password.');
  for (;;) {
    const text = random.text(length, usable.join(''));
    if (!RequireEachIncludedType || usable.every((type) => [...type].some((one) => text.includes(one)))) return text;
  }
}
