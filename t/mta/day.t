#!/usr/bin/perl
# A day of mixed mail through a real Postfix, first in shadow mode, then in
# reject mode: the same message gets the same decision, in shadow nothing
# happens to any, in reject mode what was decided does.
#
# 500 messages; SCALE=10 makes 5000. SEED repeats a day.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Time::HiRes 'time';
use Assay::Dir qw(spawn stop slurp wait_for);
use Assay::Fetched qw(need);
use Assay::Postfix;
use Assay::Signer;
use Assay::SMTP;
use Assay::World qw(mail_text);

need(qw(postfix knotd));
my $messages = 500 * ($ENV{SCALE} // 1);
my $senders = 4;
my $seed = $ENV{SEED} // 9989;
my $world = Assay::World->new(
    zones => {
        'quarantine.example' => "\@ TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"\n_dmarc TXT \"v=DMARC1; p=quarantine\"\n",
        'none.example' => "\@ TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n",
        'tilde.example' => "\@ TXT \"v=spf1 ip4:192.0.2.7 ~all\"\n_dmarc TXT \"v=DMARC1; p=reject; np=quarantine\"\n",
        'dash.example' => "\@ TXT \"v=spf1 ip4:192.0.2.7 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n",
        'test-mode.example' => "\@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; t=y\"\n",
        'odd.example' => "\@ TXT \"v=spf1 include:nowhere.example -all\"\n_dmarc TXT \"v=DMARC1; p=reject; p=none\"\n",
        'list.example' => "\@ TXT \"v=spf1 ip4:203.0.113.20 -all\"\nmail A 203.0.113.20\n",
        'helo.example' => "* TXT \"v=spf1 -all\"\n",
        'client.example' => '',
        '113.0.203.in-addr.arpa' => "20 PTR mail.list.example.\n",
    },
    servfail => ['broken.example']);
my $dir = $world->dir;
my %signer = map { $_ => Assay::Signer->new($dir, domain => $_) } qw(list.example evil.com tilde.example none.example);
$world->dns->set($_->domain, $_->owner, 'TXT', $_->record) for values %signer;

# --- the day ------------------------------------------------------------------

srand $seed;
sub pick { return $_[ rand @_ ] }

my @clients = qw(192.0.2.7 192.0.2.7 192.0.2.8 198.51.100.66 198.51.100.66 203.0.113.9 203.0.113.20 203.0.113.20 203.0.113.5 2001:db8::5);
my @authors = ((map { ("a\@$_") x 3 } qw(shop.example tilde.example dash.example soft.example quarantine.example)),
    qw(a@none.example a@test-mode.example a@odd.example a@plain.example a@list.example a@evil.com a@x.com
       a@nx.tilde.example a@nx.shop.example a@broken.example), 'a@shop.example, b@evil.com', 'undisclosed:;');
my @senders = ('', qw(a@shop.example a@dash.example a@dash.example a@tilde.example a@soft.example a@list.example a@list.example a@evil.com a@evil.com
    a@none.example a@odd.example a@plain.example a@broken.example SRS0=x=y=z=a@list.example prvs=1234=a@shop.example));
my @fields = (([]) x 12, ['List-Id: <l.list.example>'], ['Resent-From: c@plain.example'], ['ARC-Seal: i=1; cv=none'],
    ['X-Forwarded-To: bob@test.example'], ['From: ceo@shop.example'], ['Authentication-Results: mx.test.example; dmarc=pass']);

# Signed once each: what differs between two messages is not in h=.
my %text;

sub text {
    my ($author, $how, $fields) = @_;
    return $text{"$author $how @$fields"} //= do {
        my $plain = mail_text(from => $author, fields => $fields);
        my ($by) = $how =~ /(\S+\.\S+)/;
        my $signed = !$by ? $plain : $signer{$by}->sign($plain, $how =~ /part/ ? (l => 4) : ());
        $how =~ /broken/ ? $signed =~ s/this is/this was/r : $signed;
    };
}

# What most of a day's mail is: from where its author says, or by a list.
sub honest {
    my ($number) = @_;
    my $author = pick(qw(a@shop.example a@tilde.example a@soft.example a@quarantine.example a@none.example));
    my $listed = rand() < 0.2;
    my $own = $author =~ /\@(tilde\.example|none\.example)\z/ ? "by $1" : '';
    return { client => $listed ? '203.0.113.20' : $author =~ /soft/ ? '192.0.2.8' : '192.0.2.7',
        from => $listed ? 'l@list.example' : $author, helo => "m$number.client.example",
        text => text($author, $listed ? 'by list.example' : $own, $listed ? ['List-Id: <l.list.example>'] : []) };
}

sub any {
    my ($number) = @_;
    my $author = pick(@authors);
    my $own = $author =~ /\@(tilde\.example|none\.example)\z/ ? "by $1" : '';
    return { client => pick(@clients), from => pick(@senders),
        helo => "m$number." . pick(('client.example') x 7, 'helo.example'),
        text => text($author, pick('', '', '', '', $own, $own, 'by list.example', 'by list.example', 'by evil.com',
            'broken, by evil.com', 'in part, by list.example', $own && "broken, $own"), pick(@fields)) };
}

my @day = map { rand() < 0.4 ? honest($_) : any($_) } 1 .. $messages;
note "$messages messages, SEED=$seed, " . keys(%text) . ' texts';

# --- sending ------------------------------------------------------------------

my %rules = (internal_networks => ['10.0.0.0/8'], trusted_relays => ['203.0.113.5'], always_reject => ['x.com'],
    on_temperror => 'tempfail', on_bad_from => 'quarantine', spf_reject => 'helo-fail', spf_reject_permerror => 'yes',
    protect_own_domains => 'yes', require_dkim => ['soft.example'], iprev_reject => 'no-ptr',
    trusted_forwarders => ['198.51.100.66 dkim=evil.com'], mailing_lists => ['203.0.113.20 dkim=list.example']);

# Each sender takes its share and leaves "number reply" lines.
sub send_share {
    my ($port, $share, $file) = @_;
    open my $out, '>', $file or die "$file: $!";
    for (my $i = $share; $i < @day; $i += $senders) {
        my $d = $day[$i];
        my $address = $d->{client} =~ /:/ ? "IPV6:$d->{client}" : $d->{client};
        my $c = Assay::SMTP->new($port, helo => $d->{helo}, xclient => { ADDR => $address, NAME => '[UNAVAILABLE]', HELO => $d->{helo} });
        my $reply = $c->deliver(from => $d->{from}, to => 'bob@test.example', data => $d->{text});
        $c->quit;
        print {$out} $i + 1, ' ', $reply =~ s/\n/|/gr, "\n";
    }
    close $out or die "$file: $!";
    exit 0;
}

# A whole day: reply and log line by number.
sub live_through {
    my ($mode) = @_;
    my $assayd = $world->assayd(%rules, enforce => $mode, NAME => "day-$mode");
    my $mta = Assay::Postfix->new($dir, name => "postfix-$mode", milters => [$assayd->postfix_socket]);
    my $start = time;
    my @pids = map {
        my $share = $_;
        spawn(log => $dir->path("sender-$mode-$share.log"),
            code => sub { send_share($mta->port, $share, $dir->path("replies-$mode-$share")) });
    } 0 .. $senders - 1;
    stop($_, 0, 1200) for @pids;
    my $seconds = time - $start;
    my (%reply, %line);
    for my $share (0 .. $senders - 1) {
        my $replies = slurp($dir->path("replies-$mode-$share"));
        $reply{$1} = $2 while $replies =~ /^(\d+) (.*)$/mg;
    }
    for my $line ($assayd->log_lines(qr/: verdict /)) {
        $line{$1} = $line if $line =~ / helo=m(\d+)\./;
    }
    is keys(%reply), $messages, sprintf '%s: all are answered, %.0f a second', $mode, $messages / $seconds;
    is keys(%line), $messages, "$mode: each has its line";
    unlike $assayd->log, qr/ internal_error /, "$mode: no failure of ours";
    my $accepted = grep {/^250/} values %reply;
    my @mail = $mta->wait_mail($accepted, 60 + $messages / 20);
    is @mail, $accepted, "$mode: $accepted are delivered";
    my $marked = grep {/^X-Assay-Quarantine: /m} @mail;
    is $assayd->stop_daemon, 0, "$mode: assayd ends well" or diag $assayd->log;
    $mta->stop_mta;
    return { reply => \%reply, line => \%line, marked => $marked };
}

# "reject spf_fail pass/..." : what was decided, and on what.
sub decision {
    my ($line) = @_;
    my %k = $line =~ / (action|would|rule|override|exception|forward|spf|dkim|dmarc|policy|iprev|from|from_why)=("[^"]*"|\S+)/g;
    my $action = delete $k{action};
    my $would = delete $k{would} // $action;
    return ($action, $would, join ' ', $would, map {"$_=$k{$_}"} sort keys %k);
}

my %day = map { $_ => live_through($_) } qw(shadow reject);
my (%differ, %count, %happened);
for my $i (1 .. $messages) {
    my ($done, $would, $decided) = decision($day{shadow}{line}{$i} // '');
    my ($does, undef, $decides) = decision($day{reject}{line}{$i} // '');
    $differ{"$decided / $decides"} //= $i if ($decided // '') ne ($decides // '');
    $count{$decides =~ /rule=(\S+)/ ? "$does $1" : 'none'}++;
    $happened{$does}++;
    my $code = { accept => 250, quarantine => 250, reject => 550, tempfail => 451 }->{$does};
    $differ{"shadow refuses: $day{shadow}{reply}{$i}"} //= $i if $day{shadow}{reply}{$i} !~ /^250/ || $done ne 'accept';
    $differ{"$does, but $day{reject}{reply}{$i}"} //= $i if $day{reject}{reply}{$i} !~ /^$code/;
}
is_deeply \%differ, {}, 'shadow and reject decide alike, and happen as decided';
is $day{shadow}{marked}, 0, 'in shadow nothing is marked';
is $day{reject}{marked}, $happened{quarantine}, "what is quarantined is marked: $happened{quarantine}";
# A day on which nothing happens would prove nothing.
cmp_ok keys %count, '>=', 15, 'many rules decided';
cmp_ok $happened{$_} // 0, '>=', $messages / 50, "$_: " . ($happened{$_} // 0) for qw(accept quarantine reject tempfail);
note sprintf '%-40s %5d', $_, $count{$_} for sort keys %count;
done_testing;
