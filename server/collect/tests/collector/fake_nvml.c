/* A stand-in for libnvidia-ml.so; no part of NVIDIA's. Every call looks into the file CONTROL, which is given at
 * compile time, for lines such as "cards=2", so that a test changes what happens next:
 *   init=9       what nvmlInit returns
 *   cards=2      how many cards there are
 *   lost=1       the number of a card that fell off the bus: it stays so until the library is opened anew
 *   hang=1       utilization is not told until this is gone
 *   driver=1     every call fails, as after the driver was unloaded
 *   xid=79 seq=1 an event of card 0; told once for each seq
 *   pid=77       a process that computes on card 0
 * Opening and closing is noted in CONTROL.log. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, INSUFFICIENT = 7, TIMEOUT = 10, LOST = 15, VERSION = 25, UNKNOWN = 999 };

typedef struct { unsigned version; unsigned long long total, reserved, free, used; } Memory;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; } Process;
typedef struct { int *device; unsigned long long type, data; unsigned gpu_instance, compute_instance; } Event;

static int cards[8], fallen[8];

static int control(const char *key, int otherwise) {
    char name[32];
    int value, found = otherwise;
    FILE *file = fopen(CONTROL, "r");
    if (!file) return otherwise;
    while (fscanf(file, " %31[a-z]=%d", name, &value) == 2)
        if (strcmp(name, key) == 0) found = value;
    fclose(file);
    return found;
}

static void note(const char *what) {
    FILE *file = fopen(CONTROL ".log", "a");
    if (!file) return;
    fprintf(file, "%s\n", what);
    fclose(file);
}

static int index_of(int *device) { return (int)(device - cards); }

static int state(int *device) {
    int lost = control("lost", -1);
    if (control("driver", 0)) return UNKNOWN;
    if (lost >= 0) fallen[lost] = 1;
    return fallen[index_of(device)] ? LOST : OK;
}

#define ALIVE(device) do { int now = state(device); if (now != OK) return now; } while (0)

int nvmlInit_v2(void) { note("init"); memset(fallen, 0, sizeof fallen); return control("init", OK); }
int nvmlInitWithFlags(unsigned flags) { (void)flags; return nvmlInit_v2(); }
int nvmlShutdown(void) { note("shutdown"); return OK; }
int nvmlSystemGetDriverVersion(char *out, unsigned length) { strncpy(out, "580.95.05", length); return OK; }
int nvmlDeviceGetCount_v2(unsigned *count) {
    if (control("driver", 0)) return UNKNOWN;
    *count = (unsigned)control("cards", 2);
    return OK;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, int **device) {
    if (index >= 8) return INVALID;
    *device = &cards[index];
    return OK;
}
int nvmlDeviceGetName(int *device, char *out, unsigned length) {
    ALIVE(device);
    strncpy(out, "NVIDIA GeForce RTX 5090", length);
    return OK;
}
int nvmlDeviceGetUUID(int *device, char *out, unsigned length) {
    ALIVE(device);
    snprintf(out, length, "GPU-0000000%d-0000-0000-0000-000000000000", index_of(device));
    return OK;
}
int nvmlDeviceGetMemoryInfo_v2(int *device, Memory *memory) {
    ALIVE(device);
    if (memory->version != (sizeof(Memory) | 2u << 24)) return VERSION;
    memory->total = 32ull << 30;
    memory->used = 8ull << 30;
    memory->free = 24ull << 30;
    return OK;
}
int nvmlDeviceGetUtilizationRates(int *device, Utilization *rates) {
    while (control("hang", 0)) usleep(5000);
    ALIVE(device);
    rates->gpu = 40 + (unsigned)index_of(device);
    rates->memory = 10;
    return OK;
}
int nvmlDeviceGetTemperature(int *device, int sensor, unsigned *degrees) {
    (void)sensor;
    ALIVE(device);
    *degrees = 61;
    return OK;
}
/* The second card tells no power, and neither has a video encoder: that symbol is missing. */
int nvmlDeviceGetPowerUsage(int *device, unsigned *milliwatts) {
    ALIVE(device);
    *milliwatts = 312500;
    return index_of(device) == 0 ? OK : NOT_SUPPORTED;
}
int nvmlDeviceGetEnforcedPowerLimit(int *device, unsigned *milliwatts) {
    ALIVE(device);
    *milliwatts = 575000;
    return OK;
}
int nvmlDeviceGetClockInfo(int *device, int clock, unsigned *megahertz) {
    ALIVE(device);
    *megahertz = 2000 + (unsigned)clock;
    return OK;
}
int nvmlDeviceGetNumFans(int *device, unsigned *count) { ALIVE(device); *count = 2; return OK; }
int nvmlDeviceGetFanSpeed_v2(int *device, unsigned fan, unsigned *percent) {
    ALIVE(device);
    *percent = 30 + fan;
    return OK;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(int *device, unsigned long long *reasons) {
    ALIVE(device);
    *reasons = 0x44;
    return OK;
}
int nvmlDeviceGetTotalEccErrors(int *device, int kind, int counter, unsigned long long *count) {
    (void)counter;
    ALIVE(device);
    *count = kind == 0 ? 3 : 1;
    return OK;
}
int nvmlDeviceGetPcieReplayCounter(int *device, unsigned *count) { ALIVE(device); *count = 5; return OK; }
int nvmlDeviceGetPcieThroughput(int *device, int counter, unsigned *kilobytes) {
    ALIVE(device);
    *kilobytes = counter == 0 ? 100 : 200;
    return OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(int *device, unsigned *count, Process *processes) {
    int pid = control("pid", 0);
    ALIVE(device);
    if (!pid || index_of(device) != 0) { *count = 0; return OK; }
    if (*count < 2) { *count = 2; return INSUFFICIENT; }
    processes[0] = (Process){ (unsigned)pid, 1ull << 30, ~0u, ~0u };
    processes[1] = (Process){ (unsigned)pid + 1, 2ull << 30, ~0u, ~0u };
    *count = 2;
    return OK;
}

int nvmlEventSetCreate(int **set) { static int one; *set = &one; return OK; }
int nvmlEventSetFree(int *set) { (void)set; return OK; }
int nvmlDeviceGetSupportedEventTypes(int *device, unsigned long long *types) { ALIVE(device); *types = 8; return OK; }
int nvmlDeviceRegisterEvents(int *device, unsigned long long types, int *set) {
    (void)types; (void)set;
    ALIVE(device);
    return OK;
}
int nvmlEventSetWait_v2(int *set, Event *event, unsigned timeout) {
    static int told;
    (void)set;
    for (unsigned waited = 0; waited < timeout; waited += 10) {
        int seq = control("seq", 0), xid = control("xid", 0);
        if (xid && seq != told) {
            told = seq;
            memset(event, 0, sizeof *event);
            event->device = &cards[0];
            event->type = 8;
            event->data = (unsigned long long)xid;
            return OK;
        }
        usleep(10000);
    }
    return TIMEOUT;
}
