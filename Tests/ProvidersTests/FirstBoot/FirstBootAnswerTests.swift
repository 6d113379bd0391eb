import Testing
import Workflow

@testable import Providers

private let installing = "{\"status\":\"running\",\"detail\":\"installing\",\"bootId\":\"b\"}"
private let rebooting = "{\"status\":\"running\",\"detail\":\"rebooting\",\"bootId\":\"b\"}"
private let finished = "{\"status\":\"finished\",\"detail\":\"x\",\"bootId\":\"b\"}"
private let cause = "installing was broken off; see the end of the first-boot log"
private let fullDisk = "installing was broken off: the disk is full"

@Suite("What a machine's answers about its first boot mean")
struct FirstBootAnswerTests {
    @Test(
        "A script at work that cloud-init no longer runs was broken off",
        arguments: [
            ("\(installing)\ncloud-init error", .running(detail: "installing")),
            ("\(installing)\ncloud-init error\n\(installing)\n", .failed(reason: cause)),
            ("\(installing)\ncloud-init error\n\(installing)\nfree 12", .failed(reason: fullDisk)),
            ("\(installing)\ncloud-init done\n\(installing)\n", .failed(reason: cause)),
            ("\(installing)\ncloud-init done\n\(installing)\nfree 1023", .failed(reason: fullDisk)),
            ("\(installing)\ncloud-init running\n\(installing)", .running(detail: "installing")),
            ("\(installing)\ncloud-init \n\(installing)", .running(detail: "installing")),
            ("\(rebooting)\ncloud-init done\n\(rebooting)", .running(detail: "rebooting")),
            ("\(rebooting)\ncloud-init error\n\(rebooting)", .running(detail: "rebooting")),
        ] as [(String, FirstBootStatus)])
    func brokenOff(_ output: String, _ status: FirstBootStatus) {
        #expect(FirstBootAnswer(output).status == status)
    }

    @Test("A first boot that ends between the look at its report and the one at cloud-init was not broken off")
    func ending() {
        #expect(FirstBootAnswer("\(installing)\ncloud-init done\n").status == .running(detail: "installing"))
        #expect(FirstBootAnswer("\(installing)\ncloud-init done\n\(finished)\n").status == .finished)
    }

    @Test("Where there is no report, a full disk is named as the cause")
    func noReport() {
        let advice = "run `cloud-init status --long`"
        let full = FirstBootAnswer("cloud-init error\nfree 0\n").status
        #expect(full == .failed(reason: "cloud-init failed before first boot began: the disk is full; \(advice)"))
        let other = FirstBootAnswer("cloud-init error\nfree 1024\n").status
        #expect(other == .failed(reason: "cloud-init failed before first boot began: \(advice)"))
    }
}
