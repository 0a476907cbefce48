package import BantamTraining

/// How a model fares without a part of the channels of one group, for each group and several parts.
public struct SensitivityReport: Codable, Hashable, Sendable {
    /// By which the channels to remove were chosen.
    public var criterion: String
    public var samples: Int
    /// Of the unpruned model, 0...1; `nil` where the samples have no labels.
    public var accuracy: Double?
    /// The loss of accuracy, or of agreement where there are no labels, that counts as none, 0...1.
    public var tolerance: Double
    /// In the order of the graph.
    public var groups: [Group]

    public struct Group: Codable, Hashable, Sendable {
        /// The first layer that makes the channels.
        public var layer: String
        /// A name that ``PruningLimits/protectedLayers`` takes for the group.
        public var name: String
        public var channels: Int
        /// By ascending fraction.
        public var points: [Point]
        /// The largest fraction that costs no more than the tolerance, and no smaller one does; 0 where the first
        /// removal costs more. `nil` where no fraction came to a whole channel.
        public var safeCut: Double?
    }

    /// What one cut makes of the model.
    public struct Point: Codable, Hashable, Sendable {
        /// What was asked for, 0...1.
        public var fraction: Double
        /// Channels that went.
        public var removed: Int
        /// The share of right answers, 0...1; `nil` where the samples have no labels.
        public var accuracy: Double?
        /// The share of samples whose first answer is that of the unpruned model, 0...1.
        public var agreement: Double
        /// The mean divergence of the answers from the unpruned model's, `KL(before || after)`. Unit: nat.
        public var divergence: Double

        package init(fraction: Double, removed: Int, _ comparison: AnsweredSamples.Comparison) {
            self.fraction = fraction
            self.removed = removed
            accuracy = comparison.accuracy
            agreement = comparison.agreement
            divergence = comparison.divergence
        }

        /// Accuracy where it is known, else agreement.
        public var score: Double { accuracy ?? agreement }
    }

    /// The score of the unpruned model, which agrees with itself.
    public var baseline: Double { accuracy ?? 1 }

    /// The names of the groups in which the first removal costs more than the tolerance.
    public var layersToProtect: [String] { groups.filter { $0.safeCut == 0 }.map(\.name) }

    package mutating func append(layer: String, name: String, channels: Int, points: [Point]) {
        var safe: Double? = points.contains { $0.removed > 0 } ? 0 : nil
        // The slack is for sums of samples that no float holds exactly.
        for point in points where point.removed > 0 {
            guard baseline - point.score <= tolerance + 1e-9 else { break }
            safe = point.fraction
        }
        groups.append(Group(layer: layer, name: name, channels: channels, points: points, safeCut: safe))
    }
}
