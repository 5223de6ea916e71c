    float mean = 0.0f;
    for (size_t i = 0, at = place; i < FRONTEND_FRAME_LENGTH; i++) {
        mean += state->ring[at];
        at = at + 1 < RING ? at + 1 : 0;
    }
    mean /= FRONTEND_FRAME_LENGTH;
