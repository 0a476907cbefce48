import BantamGraph
import BantamReport
import FoundationEssentials
import Testing

@Suite struct RunRecordTests {
    private static let original = VariantRecord(
        name: "original", method: "trained on labels", file: "original.onnx",
        metrics: ModelMetrics(
            parameters: 21_840, nonzeroParameters: 21_840, macs: 480_500, fileBytes: ByteCount(89_088),
            peakActivationBytes: ByteCount(28_800), peakMemoryBytes: .mebibytes(12), latencyMedian: 0.000_08,
            latencyP95: 0.000_1, imagesPerSecond: 12_500, top1: 0.905, samples: 10_000),
        trainingSeconds: 61.25)

    private static let sparse = VariantRecord(
        name: "sparse", method: "80 % zeros | fine-tuned", file: "sparse.onnx",
        metrics: ModelMetrics(
            parameters: 21_840, nonzeroParameters: 4444, macs: 480_500, fileBytes: ByteCount(89_088),
            peakActivationBytes: ByteCount(28_800), peakMemoryBytes: nil, latencyMedian: 0.000_079,
            latencyP95: 0.000_12, imagesPerSecond: 12_658.2, top1: 0.9008, samples: 10_000),
        plans: [PlanRecord(step: "zeroing weights", plan: plan)], trainingSeconds: 20, notes: ["the zeros are stored"])

    private static let plan = JSONValue.object([
        "sparsity": .double(0.8),
        "layers": .array([.object(["weight": .string("conv1"), "zeros": .int(8)])]),
    ])

    private static let record = RunRecord(
        command: "bantam slim data", date: "2025-01-02T03:04:05Z",
        environment: RunRecord.Environment(
            bantam: "0.1.0", libtorch: "2.13.0", openvino: "2026.4.1", processor: "A processor", threads: 2),
        seed: 7, data: RunRecord.DataDescription(path: "data", trainingSamples: 60_000, testSamples: 10_000),
        baseline: "original", variants: [original, sparse])

    @Test func `The table counts changes against the baseline`() {
        #expect(
            Self.record.table.plainText() == """
                model          parameters   MACs      file   peak memory    latency       p95  samples/s     top-1
                --------  ---------------  -----  --------  ------------  ---------  --------  ---------  --------
                original           21,840  481 k  87.0 KiB      12.0 MiB  0.0800 ms  0.100 ms     12,500   90.50 %
                sparse    4,444 of 21,840  481 k  87.0 KiB  not measured  0.0790 ms  0.120 ms     12,658   90.08 %
                                  -79.7 %      =         =                   -1.3 %   +20.0 %     +1.3 %  -0.42 pt

                """)
    }

    @Test func `Without the baseline there are no changes`() {
        var record = Self.record
        record.baseline = "missing"
        #expect(record.table.rows.joined().allSatisfy { $0.change == nil })
        record.variants = []
        #expect(record.table.rows.isEmpty && record.table.columns.count == 9)
    }

    @Test func `What was not measured has no change`() throws {
        let memory = try #require(Self.record.table.columns.firstIndex { $0.heading == "peak memory" })
        #expect(Self.record.table.rows[1][memory] == "not measured")
        var record = Self.record
        record.baseline = "sparse"
        #expect(record.table.rows[0][memory] == "12.0 MiB")
    }

    @Test func `Figures that overflow are shown, not converted`() throws {
        var record = Self.record
        record.variants[0].metrics.imagesPerSecond = .infinity
        record.variants[0].metrics.top1 = .nan
        let row = record.table.rows[0]
        #expect(row.contains("inf") && row.contains("nan %"))
    }

    @Test func `The Markdown report says what was run, where, and how each model was made`() {
        #expect(
            Self.record.markdown() == """
                # bantam slim data

                2025-01-02T03:04:05Z, seed 7, A processor, 2 threads, Bantam 0.1.0, libtorch 2.13.0, OpenVINO 2026.4.1.

                Data: `data`, 60,000 training and 10,000 test samples. Accuracy, latency and memory are those of the exported ONNX file in OpenVINO.

                | model | parameters | MACs | file | peak memory | latency | p95 | samples/s | top-1 |
                | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
                | original | 21,840 | 481 k | 87.0 KiB | 12.0 MiB | 0.0800 ms | 0.100 ms | 12,500 | 90.50 % |
                | sparse | 4,444 of 21,840<br>-79.7 % | 481 k<br>= | 87.0 KiB<br>= | not measured | 0.0790 ms<br>-1.3 % | 0.120 ms<br>+20.0 % | 12,658<br>+1.3 % | 90.08 %<br>-0.42 pt |

                | model | how it was made | training | file |
                | --- | --- | ---: | --- |
                | original | trained on labels | 61.3 s | `original.onnx` |
                | sparse | 80 % zeros \\| fine-tuned | 20.0 s | `sparse.onnx` |

                - sparse: the zeros are stored

                """)
    }

    @Test func `JSON has these keys, and gives the record back`() throws {
        var record = Self.record
        record.variants.removeFirst()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(record), as: UTF8.self)
        #expect(
            json == """
                {
                  "baseline" : "original",
                  "command" : "bantam slim data",
                  "data" : {
                    "path" : "data",
                    "testSamples" : 10000,
                    "trainingSamples" : 60000
                  },
                  "date" : "2025-01-02T03:04:05Z",
                  "environment" : {
                    "bantam" : "0.1.0",
                    "libtorch" : "2.13.0",
                    "openvino" : "2026.4.1",
                    "processor" : "A processor",
                    "threads" : 2
                  },
                  "seed" : 7,
                  "variants" : [
                    {
                      "file" : "sparse.onnx",
                      "method" : "80 % zeros | fine-tuned",
                      "metrics" : {
                        "fileBytes" : 89088,
                        "imagesPerSecond" : 12658.2,
                        "latencyMedian" : 7.9e-05,
                        "latencyP95" : 0.00012,
                        "macs" : 480500,
                        "nonzeroParameters" : 4444,
                        "parameters" : 21840,
                        "peakActivationBytes" : 28800,
                        "samples" : 10000,
                        "top1" : 0.9008
                      },
                      "name" : "sparse",
                      "notes" : [
                        "the zeros are stored"
                      ],
                      "plans" : [
                        {
                          "plan" : {
                            "layers" : [
                              {
                                "weight" : "conv1",
                                "zeros" : 8
                              }
                            ],
                            "sparsity" : 0.8
                          },
                          "step" : "zeroing weights"
                        }
                      ],
                      "trainingSeconds" : 20,
                      "trainings" : [

                      ]
                    }
                  ]
                }
                """)
        let decoded = try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8))
        #expect(String(decoding: try encoder.encode(decoded), as: UTF8.self) == json)
    }
}
