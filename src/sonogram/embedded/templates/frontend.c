/* $title: samples to features, without allocation, in C99.

   Written by sonogram $version; frontend.json has the definition. The functions stand in the order in which
   a sample passes them. */
#include "frontend.h"

$includes
enum {
$constants
};

$functions
