#include "frontend.h"

void cmsis_begin(void);
void cmsis_frame(const int16_t *frame, float *row);
