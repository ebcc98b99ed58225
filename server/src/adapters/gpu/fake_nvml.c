/* A stand-in for libnvidia-ml.so. How many cards it has, what init returns, and which card is lost is set at compile
 * time: -DCARDS=2 -DINIT=0 -DLOST=1. */
#include <string.h>

#ifndef CARDS
#define CARDS 2
#endif
#ifndef INIT
#define INIT 0
#endif
#ifndef LOST
#define LOST -1
#endif

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, GPU_LOST = 15, VERSION_MISMATCH = 25 };

typedef struct { unsigned version; unsigned long long total, reserved, free, used; } Memory;
typedef struct { unsigned gpu, memory; } Utilization;

static int opened;
static int cards[CARDS > 0 ? CARDS : 1];

static int index_of(int *device) { return (int)(device - cards); }

int nvmlInit_v2(void) {
    /* A second init would show that the library is not kept open. */
    if (opened++) return 999;
    return INIT;
}
int nvmlInitWithFlags(unsigned flags) { (void)flags; return nvmlInit_v2(); }
int nvmlShutdown(void) { return OK; }
int nvmlSystemGetDriverVersion(char *out, unsigned length) { strncpy(out, "580.95.05", length); return OK; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = CARDS; return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, int **device) {
    if (index >= CARDS) return INVALID;
    *device = &cards[index];
    return OK;
}
int nvmlDeviceGetName(int *device, char *out, unsigned length) {
    (void)device;
    strncpy(out, "NVIDIA GeForce RTX 5090", length);
    return OK;
}
int nvmlDeviceGetMemoryInfo_v2(int *device, Memory *memory) {
    if (index_of(device) == LOST) return GPU_LOST;
    if (memory->version != (sizeof(Memory) | 2u << 24)) return VERSION_MISMATCH;
    memory->total = 32ull << 30;
    memory->used = 8ull << 30;
    memory->free = 24ull << 30;
    return OK;
}
int nvmlDeviceGetUtilizationRates(int *device, Utilization *rates) {
    rates->gpu = 40 + index_of(device);
    rates->memory = 10;
    return OK;
}
int nvmlDeviceGetTemperature(int *device, int sensor, unsigned *degrees) {
    (void)device; (void)sensor;
    *degrees = 61;
    return OK;
}
int nvmlDeviceGetPowerUsage(int *device, unsigned *milliwatts) {
    (void)milliwatts;
    return index_of(device) == 0 ? (*milliwatts = 312500, OK) : NOT_SUPPORTED;
}
