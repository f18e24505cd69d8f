export { buildDockerfile, type DockerfileBuild } from './build.ts';
export { chooseDockerfiles, type Dockerfiles } from './choose.ts';
export { type DockerfileChoice, dockerfileOf, unusedDockerfiles } from './find.ts';
