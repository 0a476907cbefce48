/// Divides samples into those to train on and those to watch by.
enum HeldOutSplit {
    /// Takes the last tenth of each class, and at least one sample of a class that has two.
    static func indices(count: Int, label: (Int) -> Int) -> (training: [Int], validation: [Int]) {
        var byClass: [Int: [Int]] = [:]
        for index in 0..<count { byClass[label(index), default: []].append(index) }
        var training: [Int] = []
        var validation: [Int] = []
        for members in byClass.values {
            let heldOut = members.count < 2 ? 0 : max(members.count / 10, 1)
            training += members.dropLast(heldOut)
            validation += members.suffix(heldOut)
        }
        return (training.sorted(), validation.sorted())
    }
}
