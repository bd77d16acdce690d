/* Functions that cannot be used safely, or not by us: using one is a compile error. Forced in by the build. */
#ifndef CORACLE_BASE_BANNED_H
#define CORACLE_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A macro with clang and -D_FORTIFY_SOURCE. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok strtok_r gets gmtime localtime ctime asctime
#pragma GCC poison system popen tmpnam mktemp tempnam atoi atol atoll atof

#endif
